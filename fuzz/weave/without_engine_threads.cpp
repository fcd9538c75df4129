// libFuzzer's thread that watches the memory sleeps while an execution runs, and weave would take
// it for one of the scenario's. What a scenario may allocate is weave's to limit.
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    static char no_watching[] = "-rss_limit_mb=0";
    static std::vector<char*> all(*arguments, *arguments + *count);
    all.push_back(no_watching);
    *count = static_cast<int>(all.size());
    all.push_back(nullptr);
    *arguments = all.data();
    return 0;
}
