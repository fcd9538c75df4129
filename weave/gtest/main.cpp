// main() of a GoogleTest program under weave: `./mailproof weave --gtest` and weave::gtest_main
// link it to the tests, and explore each of them on its own. The first failure of a test ends its
// execution, as a failed assert() does, so that the timeline ends there.
#include <gtest/gtest.h>

#include <cassert>

namespace {

class FailureIsFinding final : public testing::EmptyTestEventListener {
  public:
    void OnTestPartResult(const testing::TestPartResult& result) override {
        if (result.failed()) {
            const char* const file = result.file_name() == nullptr ? "?" : result.file_name();
            const int line = result.line_number() < 0 ? 0 : result.line_number();
            __assert_fail(result.summary(), file, static_cast<unsigned>(line), "the test");
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    // GoogleTest deletes them. Its own printer comes second, as the timeline should not show it.
    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    testing::TestEventListener* const printer =
        listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailureIsFinding);
    listeners.Append(printer);
    return RUN_ALL_TESTS();
}
