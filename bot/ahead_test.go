package bot

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"frontdesk/bot/convo"
)

func TestKeySet_RemembersTheLastOnes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := make([]convo.Key, mostTheirs+300)
		for i := range keys {
			keys[i] = convo.Key{Site: 1, ID: uuid.NewSHA1(uuid.Nil, []byte{byte(i), byte(i >> 8)})}
		}
		var set keySet
		var in []convo.Key // as they were added, the dropped ones taken out
		at := 0
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			n := rapid.IntRange(1, 700).Draw(t, "n")
			drop := rapid.Bool().Draw(t, "drop")
			for range n {
				k := keys[at%len(keys)]
				at++
				if drop {
					set.drop(k)
					in = slices.DeleteFunc(in, func(x convo.Key) bool { return x == k })
					continue
				}
				set.add(k)
				if !slices.Contains(in, k) {
					in = append(in, k)
				}
			}
			if len(set.ring) > mostTheirs || len(set.place) > mostTheirs {
				t.Fatalf("it holds %d in %d", len(set.place), len(set.ring))
			}
			for k := range set.place {
				if !slices.Contains(in, k) {
					t.Fatal("it has one that was dropped")
				}
			}
			if last := in[max(0, len(in)-1):]; len(last) == 1 && !set.has(last[0]) {
				t.Fatal("the last one added is forgotten")
			}
		}
	})
}
