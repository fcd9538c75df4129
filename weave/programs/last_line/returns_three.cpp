// Every execution ends with the same status.
int main() { return 3; }
