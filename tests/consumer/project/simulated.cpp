// A program that runs a graph on the simulated machine of the installed package.
#include <pto/a2a3/scheduler.h>
#include <pto/sim/graph_run.h>
#include <cstdio>

int main() { std::printf("%zu bytes\n", sizeof(pto::sim::GraphRun<pto::a2a3::Platform>)); }
