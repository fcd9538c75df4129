// Three producers of the same kind and a consumer; with an argument, the producers ask who they
// are.
#include "ring.h"

int main(int argc, char**) {
    Ring ring;
    std::thread producers[3];
    for (std::thread& producer : producers) {
        producer = std::thread([&ring, asks = argc > 1] {
            ring.push(asks && std::this_thread::get_id() == std::thread::id() ? 2 : 1);
        });
    }
    std::thread consumer([&ring] {
        for (int i = 0; i < 3; ++i) {
            int value = 0;
            ring.pop(value);
        }
    });
    for (std::thread& producer : producers) {
        producer.join();
    }
    consumer.join();
}
