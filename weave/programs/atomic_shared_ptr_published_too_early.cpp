// An object is published by a std::atomic<std::shared_ptr> before it has its value.
// verdict: data-race
// options: mode=mix executions=500 status=ignore
#include <atomic>
#include <memory>
#include <thread>

#if defined(__cpp_lib_atomic_shared_ptr)
static std::atomic<std::shared_ptr<int>> current;
static void publish(const std::shared_ptr<int>& object) { current.store(object); }
static std::shared_ptr<int> published() { return current.load(); }
#else
static std::shared_ptr<int> current;
static void publish(const std::shared_ptr<int>& object) { std::atomic_store(&current, object); }
static std::shared_ptr<int> published() { return std::atomic_load(&current); }
#endif

int main() {
    std::thread writer([] {
        const auto object = std::make_shared<int>(0);
        publish(object);
        *object = 1;
    });
    int seen = 0;
    if (const std::shared_ptr<int> object = published()) {
        seen = *object;
    }
    writer.join();
    return seen;
}
