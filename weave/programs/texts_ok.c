// Texts, numbers and formats in two threads, each with its own: sorting, scanning and printing read
// and write what their manuals say, and no more.
// verdict: ok
// options: mode=random executions=500
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }

static void* work(void* name) {
    char* const text = malloc(24);
    snprintf(text, 24, "%s %d %.2f %c%n", (const char*)name, 42, 1.5, 'x', &(int){0});
    char word[8];
    int number;
    double fraction;
    assert(sscanf(text, "%7s %d %lf", word, &number, &fraction) == 3);
    assert(strcmp(word, name) == 0 && number == 42 && fraction == 1.5);
    char* rest;
    assert(strtol(text + strlen(word), &rest, 10) == 42 && *rest == ' ');
    char* const copy = strdup(text);
    assert(memcmp(copy, text, strlen(text) + 1) == 0 && strstr(copy, "1.50") != NULL);
    assert(strchr(copy, 'x') != NULL && strrchr(copy, ' ') != NULL && strchr(copy, '?') == NULL);
    char* next;
    assert(strcmp(strtok_r(copy, " ", &next), name) == 0);
    int numbers[4] = {3, 1, 2, 0};
    qsort(numbers, 4, sizeof numbers[0], compare);
    assert(numbers[0] == 0 && numbers[3] == 3);
    free(copy);
    free(text);
    return NULL;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, work, "one");
    work("two");
    pthread_join(thread, NULL);
    return 0;
}
