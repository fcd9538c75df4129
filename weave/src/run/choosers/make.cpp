// The only file that knows all choosers of a search.
#include "run/choosers/make.h"

#include "run/base.h"
#include "run/choosers/bytes.h"
#include "run/choosers/delay.h"
#include "run/choosers/dfs.h"
#include "run/choosers/exhaustive.h"
#include "run/choosers/mix.h"
#include "run/choosers/pct.h"
#include "run/choosers/pctwm.h"
#include "run/choosers/pos.h"
#include "run/choosers/random.h"
#include "run/choosers/starve.h"
#include "run/choosers/surw.h"
#include "run/choosers/wish.h"

namespace weave {

std::unique_ptr<Chooser> make_chooser(const Options& options, Sight* sight) {
    switch (options.mode) {
        case Mode::mix:
            return std::make_unique<MixChooser>(options);
        case Mode::random:
            return std::make_unique<RandomChooser>(options.seed);
        case Mode::pct:
            return std::make_unique<PctChooser>(options.seed, options.depth);
        case Mode::pos:
            return std::make_unique<PosChooser>(options.seed);
        case Mode::surw:
            return std::make_unique<Surveyed<SurwChooser>>(options.seed);
        case Mode::delay:
            return std::make_unique<Surveyed<DelayChooser>>(options.seed);
        case Mode::pctwm:
            return std::make_unique<PctwmChooser>(options.seed, options.depth);
        case Mode::starve:
            return std::make_unique<StarveChooser>(options.seed);
        case Mode::dfs:
            return std::make_unique<DfsChooser>(options.preemptions);
        case Mode::exhaustive:
            return std::make_unique<ExhaustiveChooser>(options.preemptions,
                                                       options.uses_symmetry && !options.continues,
                                                       options.computes_digest);
        case Mode::bytes:
            if (!options.wishes.empty()) {
                WEAVE_CHECK(sight != nullptr);
                return std::make_unique<WishChooser>(*sight, options.bytes, options.bytes_size,
                                                     options.wishes);
            }
            return std::make_unique<BytesChooser>(options.bytes, options.bytes_size);
    }
    die("Options::mode is not a mode of weave");
}

}  // namespace weave
