// strtok() in two threads, each with a text of its own: the function remembers one text only.
// verdict: data-race
// options: mode=random executions=100
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static void* split(void* text) {
    int count = 0;
    for (char* word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        ++count;
    }
    return count == 2 ? NULL : text;
}

int main(void) {
    char texts[2][8] = {"a b", "c d"};
    pthread_t thread;
    pthread_create(&thread, NULL, split, texts[0]);
    split(texts[1]);
    pthread_join(thread, NULL);
    return 0;
}
