// The describer and the generator of the inputs of wait_list_weave.
#include <random>
#include <string>

#include "foreign/wait_list_weave_scenario.h"

namespace foreign {

std::string WaitListScenario::describe(fuzz::Bytes input) {
    const WaitListScenario scenario = decode(input);
    std::string text = std::to_string(scenario.tasks) + " tasks, " +
                       std::to_string(scenario.producers) + " producers, " +
                       std::to_string(scenario.pollers) + " pollers\n";
    for (uint32_t task = 0; task < scenario.tasks; ++task) {
        text += "task " + std::to_string(task) +
                ((scenario.deferred >> task & 1u) != 0 ? " waits for its counter\n"
                                                       : " has no condition\n");
    }
    text += "choices:";
    for (const uint8_t choice : scenario.schedule) {
        text += " " + std::to_string(choice);
    }
    return text + "\n";
}

std::vector<fuzz::Seed> WaitListScenario::seeds() {
    // More choices than most executions make: past the end of a schedule a run is nearly
    // sequential.
    constexpr size_t choices = 512;
    constexpr int schedules_each = 6;
    struct Shape {
        const char* name;
        uint8_t tasks, producers, pollers, deferred;
    };
    constexpr Shape shapes[] = {{"one-task", 1, 1, 2, 1},
                                {"inline", 2, 2, 2, 0},
                                {"mixed", 3, 1, 2, 5},
                                {"all-wait", 3, 2, 2, 7},
                                {"one-poller", 2, 2, 1, 3}};
    std::vector<fuzz::Seed> seeds;
    std::minstd_rand random(1);
    for (const Shape& shape : shapes) {
        for (int number = 0; number < schedules_each; ++number) {
            std::vector<uint8_t> bytes = {fuzz::format_version,
                                          static_cast<uint8_t>(shape.tasks - 1),
                                          static_cast<uint8_t>(shape.producers - 1),
                                          static_cast<uint8_t>(shape.pollers - 1), shape.deferred};
            // The first has no choices: each thread runs as long as it can.
            for (size_t i = 0; number != 0 && i < choices; ++i) {
                bytes.push_back(static_cast<uint8_t>(random() >> 8));
            }
            seeds.push_back({std::string(shape.name) + "-" + std::to_string(number), bytes});
        }
    }
    return seeds;
}

}  // namespace foreign
