package bot

import (
	"context"
	"math"

	"frontdesk/retrieval"
)

// Rating is what a customer said of a quote, and how sure the bot had been.
type Rating struct {
	P       float64
	Helpful bool
}

// Learned is what a site's own customers say about its probabilities: they are
// those of the calibration, moved by Shift in log-odds.
type Learned struct {
	Shift   float64 // below 0: quotes are right less often here than elsewhere
	Ratings int     // that it comes from
}

const (
	// ratingSpread is how far a business lies from the calibration: the shifts
	// that the corpus' eleven training businesses would need spread by .28
	// (standard deviation, less what chance explains), and those of the three
	// frozen ones lie .32 below 0: .42 in the root mean square.
	ratingSpread = 0.42
	// mostShift bounds what ratings can do, whoever gives them: at a threshold
	// of .5 it is one of .27 or .73.
	mostShift = 1.0
	// enoughRatings is how many it takes to quote more than the calibration
	// allows. To quote less, the first one counts: a few kind presses promise
	// nothing, a few angry ones are a warning.
	enoughRatings = 20
)

// Learn finds the shift that the ratings speak for: the mode of logistic
// regression with an offset, drawn to 0 by the spread of businesses.
func Learn(list []Rating) Learned {
	l := Learned{Ratings: len(list)}
	const steps = 30 // the curve is smooth and has one minimum: ten are enough
	for range steps {
		slope, bend := -l.Shift/(ratingSpread*ratingSpread), 1/(ratingSpread*ratingSpread)
		for _, r := range list {
			p := moved(r.P, l.Shift)
			slope += yes(r.Helpful) - p
			bend += p * (1 - p)
		}
		l.Shift += slope / bend
	}
	l.Shift = max(-mostShift, min(mostShift, l.Shift))
	if l.Shift > 0 && l.Ratings < enoughRatings {
		l.Shift = 0
	}
	return l
}

// Sure is the threshold moved the other way: a probability that is worth less
// here has to be higher.
func (l Learned) Sure(threshold float64) float64 {
	if l.Shift == 0 {
		return threshold
	}
	return moved(threshold, -l.Shift)
}

// moved adds to a probability's log-odds. 0 and 1 stay what they are.
func moved(p, shift float64) float64 {
	if p <= 0 || p >= 1 {
		return p
	}
	return 1 / (1 + (1-p)/p*math.Exp(-shift))
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// ratingStore keeps what customers say of quotes.
type ratingStore interface {
	// PutFeedback keeps a visitor's last word on a message that is not their
	// own; quoted says that it was a quote the bot was sure of. Error:
	// ErrNoMessage.
	PutFeedback(ctx context.Context, f Feedback) (quoted bool, err error)
	Ratings
}

// Ratings are what a site's shift is fitted to.
type Ratings interface {
	// Ratings are the latest of a site, at most one a conversation, of what it
	// still knows.
	Ratings(ctx context.Context, site retrieval.SiteID) ([]Rating, error)
	// PutLearned keeps what a site's ratings said.
	PutLearned(ctx context.Context, site retrieval.SiteID, l Learned) error
}

// TakeFeedback keeps what a customer thinks of a message. Where it is about a
// quote, the site's threshold moves.
func TakeFeedback(ctx context.Context, s ratingStore, f Feedback) error {
	quoted, err := s.PutFeedback(ctx, f)
	if err != nil || !quoted {
		return err
	}
	return Relearn(ctx, s, retrieval.SiteID(f.Key.Site))
}

// Relearn fits a site's shift to the ratings that still say something of it: after
// each rating, and after its knowledge or the models in it changed.
func Relearn(ctx context.Context, s Ratings, site retrieval.SiteID) error {
	list, err := s.Ratings(ctx, site)
	if err != nil {
		return err
	}
	return s.PutLearned(ctx, site, Learn(list))
}
