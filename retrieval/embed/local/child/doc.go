// Package child is the whole of `frontdesk encode`: the process that serves the
// local encoders to the others on this machine, started and looked after by
// the supervisor.
//
// It is a process of its own because the library that runs the graphs is no Go:
// a bug in it ends this process and no other, and one at the lowest priority
// cannot hold up a customer's.
//
// When a part fails it says so in one line on standard error and ends; the
// supervisor starts it again. What was made of the weights and does not fit any
// more is made anew first.
package child
