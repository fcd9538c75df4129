# LLVM source-based coverage; `mailproof coverage` turns the profiles into a report.
set(coverage_flags -fprofile-instr-generate -fcoverage-mapping)
target_compile_options(suite_options INTERFACE ${coverage_flags})
target_link_options(suite_options INTERFACE ${coverage_flags})
