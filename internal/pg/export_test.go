package pg

import (
	"context"
	"io/fs"
)

// What the tests outside this package need of its inside; they are outside
// because pgtest, which they use, imports this package.
var (
	Newest   = newest
	Settings = settings
	EndStale = endStale
)

// MigrateFiles takes steps of a test's own, and none of the job queue's.
func MigrateFiles(ctx context.Context, dsn string, files fs.FS) ([]Step, error) {
	return migrate(ctx, dsn, files, false)
}

type Machine = machine

func NewMachine(memory int64, cores int) Machine { return machine{memory: memory, cores: cores} }
