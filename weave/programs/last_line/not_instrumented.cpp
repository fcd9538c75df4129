// Compiled without weave's flags, and linked with weave.
int main() {}
