// Indices that only look wrong: of the array at an object's end, which has as many elements as
// memory was allocated for, and the address past an array's end.
// verdict: ok
// options: mode=random executions=100
#include <assert.h>
#include <stdlib.h>

struct Text {
    int length;
    char bytes[1];
};

struct Record {
    int numbers[4];
    int sum;
};

int main(int argc, char** argv) {
    (void)argv;
    const int count = 7 + argc;
    struct Text* const text = malloc(sizeof *text + (size_t)count);
    for (int i = 0; i < count; ++i) {
        text->bytes[i] = (char)i;
    }
    assert(text->bytes[count - 1] == count - 1);
    free(text);
    struct Record record = {{1, 2, 3, 4}, 0};
    for (const int* at = record.numbers; at != &record.numbers[3 + argc]; ++at) {
        record.sum += *at;
    }
    assert(record.sum == 10);
    return 0;
}
