// An object whose function for its initialisation forgets the mutex in it.
// verdict: assertion
// options: mode=random executions=10
#include <pthread.h>
#include <stdlib.h>

struct Account {
    long balance;
    pthread_mutex_t mutex;
};

int main(void) {
    struct Account* const account = malloc(sizeof *account);
    account->balance = 0;
    pthread_mutex_lock(&account->mutex);
    ++account->balance;
    pthread_mutex_unlock(&account->mutex);
    free(account);
    return 0;
}
