package bot

import (
	"time"

	"frontdesk/internal/fault"
)

// What the engine and its store refuse, for errors.Is; the codes are public
// and stable.
var (
	ErrBlank          = fault.New(fault.Invalid, "message_blank", "The message is empty. Write something and send it again.")
	ErrBusy           = fault.New(fault.Unavailable, "busy", "Too many messages are being answered right now. Please send it again in a moment.").After(time.Second)
	ErrClientMsgID    = fault.New(fault.Invalid, "client_msg_id", "client_msg_id has to be 1 to 64 printable ASCII characters, made anew for each message.")
	ErrNoConversation = fault.New(fault.NotFound, "no_such_conversation", "There is no such conversation.")
	ErrNoChoice       = fault.New(fault.NotFound, "no_such_choice", "No message of ours in this conversation offers that choice. Send your words without it.")
	ErrNoMessage      = fault.New(fault.NotFound, "no_such_message", "There is no such message of ours in this conversation.")
	ErrNoSite         = fault.New(fault.NotFound, "no_such_site", "There is no such site here.")
	ErrOtherCustomer  = fault.New(fault.Conflict, "other_customer", "This conversation belongs to another customer of the shop. Begin a new one with this identity.")
	ErrReplayed       = fault.New(fault.Unauthorized, "identity_replayed", "This identity was used before. Have the shop's server sign a new one with another jti.")
	ErrReused         = fault.New(fault.Conflict, "client_msg_id_reused", "This client_msg_id was used for other words. Make a new one for a new message.")
	ErrStopping       = fault.New(fault.Unavailable, "stopping", "The service is restarting. Please send it again in a moment.").After(time.Second)
	ErrText           = fault.New(fault.Invalid, "invalid_text", "The message holds characters that cannot be stored (NUL or broken Unicode). Remove them and send it again.")
	ErrTooLong        = fault.New(fault.TooLarge, "message_too_long", "The message is longer than 8,000 characters. Please shorten it or send it in parts.")
	ErrVisitorGone    = fault.New(fault.Unauthorized, "token_revoked", "This token's visitor is not known any more. Start anew without a token.")
	ErrUnfinished     = fault.New(fault.Unavailable, "turn_unfinished", "This message is still being answered. Ask again with the same client_msg_id, or read the conversation's events.").After(2 * time.Second)
)

// ErrFenced is what a store answers when a turn may not end the way it wants
// to: it is open no longer, or the conversation has had another owner since.
var ErrFenced = fault.New(fault.Conflict, "fenced", "The conversation moved on.")
