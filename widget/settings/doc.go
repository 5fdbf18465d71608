// Package settings is what a site's owner chose for its widget and its help
// pages: colour, theme, corner, words, logo, topics, languages, where they
// stand, and the rules by which the widget may speak first.
//
// Words: settings are one JSON object a site, written by `frontdesk site widget
// set`; what is left out has its default. A palette is the colours made of a
// site's accent for both themes, with the contrast that reading needs, whatever
// the accent. Tokens are its own sizes and shapes: font, text, corners; what words
// stand on is not among them. A rule is one reason to speak first; a situation is what the
// widget knows of a visitor when it asks the rules; a verdict says of one rule
// whether it fires, and if not, why. Public is what a stranger's browser is
// told.
//
// Invariants:
//   - what is stored was checked: Parse refuses what it does not know, by name;
//   - every colour of a palette that carries text has a contrast of at least
//     4.5 to what it stands on, every edge and focus ring 3 (a property test);
//   - no rule fires while proactive is off, over an open conversation, on a
//     hidden page, after a "no", or beyond the caps by day and by visitor;
//   - Public holds no secret and nothing of any visitor.
//
// When the store is away, Cache goes on with what it last read; where nothing
// was ever read the error goes up, and pages are served with the defaults.
package settings
