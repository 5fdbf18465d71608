// Package soak keeps customers and agents at work while everything under them
// breaks, and then proves that nothing that was said is lost. It holds tests and
// nothing else.
//
// Words: the house is one Postgres of the test's own and three processes of
// `frontdesk serve` on it, each with another clock and behind two proxies, one
// towards the players and one towards Postgres; a blow is one thing that chaos
// does to it.
//
// TestSoak plays for -soak (20 s where the flag is not given; `make soak`: half
// an hour). The blows come by a schedule that follows from -seed: a process is
// killed with -9 or told to stop, and started again at its address; Postgres is
// shut down in immediate mode and recovers; the players' connections, or one
// process's with Postgres, are cut, or go silent for a while. Afterwards
// handoff/loadgen asks the API for everything that its players were told, and
// tables_test.go asks the database for what no player can see. What has to hold
// is listed in both.
//
// TestBurst has everybody come at once instead (500; with -burst 5000 the whole of
// it), over HTTP, to two processes: each has words, a packet, a ladder and a place
// of their own, the line can be read, the ladder climbs, cases are offered and
// closed from the front.
//
// Each check has been seen to fail: TestMutants has, for each, a guard of the
// program that is taken out of its source. With -mutants it builds a program
// without each guard, gives it the same short schedule, and wants it to be found
// out; without, it only makes sure that every guard is still where the list says.
//
// When a part fails: a process that does not come back within half a minute, or
// ends by itself, fails the test with its log.
package soak
