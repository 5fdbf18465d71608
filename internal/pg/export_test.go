package pg

// What the tests outside this package need of its inside; they are outside
// because pgtest, which they use, imports this package.
var (
	MigrateFiles = migrate
	Newest       = newest
	Settings     = settings
	EndStale     = endStale
)

type Machine = machine

func NewMachine(memory int64, cores int) Machine { return machine{memory: memory, cores: cores} }
