// Package loadgen plays customers and agents against a running Frontdesk, over
// the HTTP that everybody has: the widget's API and the desk's, event streams of
// both. It is for sizing a machine, for benchmarks and for the soak test.
//
// Words: a player is one customer or one agent; a talk is one conversation of a
// customer; to note is to write down what a player was told, so that it can be
// asked for at the end; a promise is a reference that a customer was told. What
// is broken is whatever the service said and did not keep.
//
// How it goes: New checks the settings, Run lets everybody play for a time, lets
// them finish, and then holds everything that was noted against what the API
// says. What a player wants, and how long it thinks, follows from the seed and
// the player's number alone; what it gets follows from the service.
//
// What is noted and asked for at the end:
//
//   - a message that was taken is in its conversation, once, and behind those
//     that its customer wrote before; one that was never confirmed is there once
//     or not at all;
//   - a reader of a conversation gets every numbered event once and in order,
//     however often its connection breaks, up to the last;
//   - a turn has one end; the assistant says nothing while a person has the
//     conversation or it waits for one;
//   - whoever was told a reference has a case of that name, which waits in a
//     queue, is somebody's, or is closed, and whose conversation has the owner
//     that goes with it;
//   - whoever was told that they have a case stands in its log, and nobody takes
//     it while another one has it;
//   - a reader of the desk has been told of every case as it is at the end.
//
// When a part fails: a request that got no answer, or was told to come back, is
// sent again under the same name, to the next address where there are several;
// a stream that broke goes on from the last event. Both are counted. That is
// what the widget and the desk's page do, so a service that is killed under load
// must come out of it with nothing broken.
//
// Every text that a player writes ends in a name of its own in brackets, "[c3.1.2]":
// by it a message is found again on another stream, and its way is timed.
package loadgen
