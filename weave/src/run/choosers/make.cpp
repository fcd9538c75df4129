// The only file that knows all choosers of a search.
#include "run/choosers/make.h"

#include "run/base.h"
#include "run/choosers/bytes.h"
#include "run/choosers/exhaustive.h"
#include "run/choosers/pct.h"
#include "run/choosers/random.h"
#include "run/choosers/starve.h"

namespace weave {

std::unique_ptr<Chooser> make_chooser(const Options& options) {
    switch (options.mode) {
        case Mode::random:
            return std::make_unique<RandomChooser>(options.seed);
        case Mode::pct:
            return std::make_unique<PctChooser>(options.seed, options.depth);
        case Mode::starve:
            return std::make_unique<StarveChooser>(options.seed);
        case Mode::exhaustive:
            return std::make_unique<ExhaustiveChooser>(options.preemptions);
        case Mode::bytes:
            return std::make_unique<BytesChooser>(options.bytes, options.bytes_size);
    }
    die("Options::mode is not a mode of weave");
}

}  // namespace weave
