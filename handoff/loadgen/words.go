package loadgen

// What players write. Nothing here is anybody's: the texts are as plain as what
// people write to shops, and each player ends its own in a name.
var ( //nolint:gochecknoglobals // constant lists
	questions = []string{
		"How long may I send something back?",
		"When do you open on Saturdays?",
		"My kettle switches off before the water boils, what can I do?",
		"Which coffee filter fits the small machine?",
		"How do I change the address of my order?",
		"Do you deliver to Austria, and what does it cost?",
		"I cannot sign in, the page says that my password is wrong.",
		"Is there a spare lid for the blue one?",
	}
	waiting = []string{
		"Are you still there?",
		"It is the larger one, if that helps.",
		"I have the receipt at hand.",
		"No hurry, I only want to be sure that it arrived.",
	}
	answers = []string{
		"Thank you, I will try that.",
		"It is order KW-204417.",
		"That did not help, it still does the same.",
		"Good, then send me a new one, please.",
	}
	replies = []string{
		"Hello, I have read what you wrote and am looking into it.",
		"Could you tell me the number of the order?",
		"I have changed that for you.",
		"Please hold the button for five seconds, then it starts anew.",
		"A replacement is on its way to you.",
	}
	reasons = []string{"needs somebody who knows this product", "shift ends", "belongs there"}
)
