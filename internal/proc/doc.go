// Package proc brings the programs that Frontdesk runs beside itself and looks
// after them: pinned downloads, and a small supervisor that owns the children.
//
// Words:
//
//   - home: the folder that holds everything the program fetches or keeps; one
//     home is one installation.
//   - base: where the home's parts and data lie. The home itself, unless the
//     caller is root: then a folder under /var/lib/frontdesk that the low user
//     who runs the parts can reach, linked from the home.
//   - part: something fetched (a wheel, unpacked) or the child that runs it.
//   - service: what the supervisor needs to know to run one child.
//   - hold: a client's connection to the supervisor, naming the services it
//     needs. The hold's life is the service's life.
//
// Invariants:
//
//   - Nothing is used whose sha256 differs from the pin.
//   - An unpacked part appears under its name in one rename, the manifest is
//     written last: an interrupted setup leaves nothing half-made in sight.
//   - One supervisor a home (a lock it keeps for life); it lives while somebody
//     holds it and a moment longer, then stops its children and goes.
//   - No child runs as root.
//
// When a part fails: a child that dies or stops answering is started again
// with growing pauses, and its holders are told. A supervisor that dies takes
// its children with it (Linux: parent-death signal; elsewhere the next start
// ends what was left); holders notice, start another and go on. A holder that
// dies closes its connection by dying, which is all the supervisor needs.
package proc
