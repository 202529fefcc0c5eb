// These tests take stores away, so they need stores of their own: not the ones that a shell names, nor those of the shared
// stack when both kinds of tests are run at once.
for (const name of ['REDIS_URL', 'MONGODB_URL']) delete process.env[name];
