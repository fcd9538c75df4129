# AFL_RUNTIME_DIR: the folder with AFL++'s runtime. It has to go with the afl-fuzz that will run: that
# of AFL_PATH, which AFL++ itself reads, else the one on PATH, else the package's. Looked for each time,
# because a newer AFL++ may have come since.
unset(AFL_FUZZ CACHE)
unset(AFL_RUNTIME_DIR CACHE)
find_program(AFL_FUZZ afl-fuzz HINTS ENV AFL_PATH)
set(afl_hints)
if(AFL_FUZZ)
    file(REAL_PATH ${AFL_FUZZ} afl_fuzz)
    cmake_path(GET afl_fuzz PARENT_PATH afl_folder)
    # Beside it in a source folder that was built, in lib/afl where it was installed.
    set(afl_hints ${afl_folder} ${afl_folder}/../lib/afl)
endif()
find_path(AFL_RUNTIME_DIR afl-compiler-rt.o HINTS ENV AFL_PATH ${afl_hints}
    PATHS /usr/lib/afl /usr/local/lib/afl REQUIRED)
