"""Was a change of the product safe? The changed lines, and the checks that execute them."""
