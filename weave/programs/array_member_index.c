// An index past the end of an array that is a member: the next member lies there.
// verdict: out-of-bounds
// options: mode=random executions=100
struct Record {
    int numbers[4];
    int sum;
};

static struct Record record;

int main(int argc, char** argv) {
    (void)argv;
    for (int i = 0; i <= 3 + argc; ++i) {
        record.numbers[i] = i;
    }
    return record.sum == 0 ? 0 : 1;
}
