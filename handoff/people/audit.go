package people

import (
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/bot/convo"
)

// Action is what somebody saw or did. A case's own log says what was done to
// it; this one says who looked, who came and went, and who changed what people
// may do.
type Action string

const (
	ActLogin             Action = "login"
	ActLoginFailed       Action = "login_failed"
	ActLogout            Action = "logout"
	ActSessionRevoked    Action = "session_revoked"
	ActPasswordChanged   Action = "password_changed"
	ActPasswordSet       Action = "password_set" // at the terminal
	ActPasswordReset     Action = "password_reset"
	ActInvited           Action = "invited"
	ActInvitationRevoked Action = "invitation_revoked"
	ActJoined            Action = "joined"
	ActPersonAdded       Action = "person_added" // at the terminal, without an invitation
	ActPersonChanged     Action = "person_changed"
	ActPersonDisabled    Action = "person_disabled"
	ActPersonEnabled     Action = "person_enabled"
	ActCaseSeen          Action = "case_seen"
	ActConversationSeen  Action = "conversation_seen" // that is nobody's case
	ActSearched          Action = "searched"
	ActExported          Action = "exported"
	ActSettingsChanged   Action = "settings_changed"
)

// Entry is one line of the audit log.
type Entry struct {
	ID     int64
	At     time.Time
	Agent  convo.ID // who; zero: the service, the terminal, or nobody known
	Actor  string   // their name at that time
	Action Action
	Case   convo.ID
	Person convo.ID // to whom
	// Conversation is one that has no case.
	Conversation convo.ID
	Session      convo.ID
	Address      string
	Detail       map[string]string // ids and fixed words: roles, queues, counts
}

const (
	maxDetail     = 8
	maxDetailText = 200
)

// check refuses an entry that may hold what somebody wrote: values are short,
// of one line, and few.
func (e Entry) check() error {
	if e.Action == "" || len(e.Action) > 40 || strings.Trim(string(e.Action), "abcdefghijklmnopqrstuvwxyz_") != "" || len(e.Detail) > maxDetail {
		return ErrAudit
	}
	for k, v := range e.Detail {
		if k == "" || len(k) > 40 || len(v) > maxDetailText || strings.ContainsAny(v, "\n\r\x00") || !utf8.ValidString(v) {
			return ErrAudit
		}
	}
	return nil
}

// AuditView is which part of the log; zero fields mean any.
type AuditView struct {
	Agent  convo.ID // who did it
	Person convo.ID // to whom
	Case   convo.ID
	// Conversation is one that has no case.
	Conversation convo.ID
	Action       Action
	Before       int64 // entries older than this one; 0: the newest
	Limit        int   // at most 200; 0: 50
}

// AuditPage is a page of it, newest first.
type AuditPage struct {
	Entries []Entry
	Next    int64 // Before of the next page; 0: that was the last
}
