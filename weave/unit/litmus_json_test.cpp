// The JSON of litmus results: long names and many problems are kept whole, special characters
// escaped.
#include "../litmus/json.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

TEST(LitmusJson, keeps_a_name_of_a_thousand_characters_whole) {
    const std::string name(1000, 'n');
    const std::string json = litmus::json_of({{name, false, 7, {}}});
    EXPECT_EQ(json, "{\"tests\": [\n    {\"name\": \"" + name +
                        "\", \"passed\": true, \"skipped\": false, \"executions\": 7, "
                        "\"problems\": []}\n]}\n");
}

TEST(LitmusJson, keeps_every_problem_of_a_long_list) {
    litmus::Row row{"sb_relaxed", false, 20'000, {}};
    for (int i = 0; i < 200; ++i) {
        row.problems.push_back("not listed, but seen: (0 " + std::to_string(i) + ")");
    }
    const std::string json = litmus::json_of({row, {"lb_relaxed", true, 0, {}}});
    for (const std::string& problem : row.problems) {
        EXPECT_NE(json.find('"' + problem + '"'), std::string::npos) << problem;
    }
    EXPECT_NE(json.find("\"passed\": false"), std::string::npos);
    EXPECT_NE(json.find("{\"name\": \"lb_relaxed\", \"passed\": false, \"skipped\": true"),
              std::string::npos);
    EXPECT_EQ(std::count(json.begin(), json.end(), '{'), 3);
    EXPECT_EQ(std::count(json.begin(), json.end(), '{'), std::count(json.begin(), json.end(), '}'));
}

TEST(LitmusJson, escapes_quotes_backslashes_and_control_characters) {
    EXPECT_EQ(litmus::quoted("a\"b\\c\nd"), "\"a\\\"b\\\\c\\u000ad\"");
}

}  // namespace
