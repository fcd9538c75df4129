// Writing generated inputs; see the header.
#include "fuzz/kit/seed_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace fuzz {

void write_seeds(const std::string& folder, const std::vector<Seed>& seeds) {
    std::filesystem::create_directories(folder);
    for (const Seed& seed : seeds) {
        const std::filesystem::path path = std::filesystem::path(folder) / seed.name;
        std::ofstream file(path, std::ios::binary);
        std::copy(seed.bytes.begin(), seed.bytes.end(), std::ostreambuf_iterator<char>(file));
        if (!file.flush()) {
            throw std::runtime_error("cannot write " + path.string());
        }
    }
}

}  // namespace fuzz
