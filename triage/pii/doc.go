// Package pii finds personal data in what customers type: e-mail addresses,
// phone numbers, bank cards, IBANs, order numbers and postal addresses.
//
// Words: a find is a span of the text and its kind; a candidate is what has the
// shape; a check is arithmetic that a number carries in itself (Luhn's for
// cards, ISO 7064 for IBANs); company is the words around a number that say
// what it is ("call me on", "order no.").
//
// Decisions: what carries a check is found by it alone, whatever stands around,
// since a card that is missed is worse than an order number that is masked. A
// phone number carries none: it is one where it begins with a country's code,
// has the grouping that phone numbers have and hardly anything else has, or
// keeps company that says so. An order number is one where the site's own
// pattern says so, or its company does. A postal address is a street with a
// number: names alone are not looked for.
//
// Marks of no width, digits and signs of other widths and scripts, and Greek or
// Cyrillic letters among Latin ones hide nothing: a text is read without them,
// and what is found is given as it stands in the original. E-mail addresses are
// also found with their signs written out ("ann (at) shop dot example").
//
// A number that counts something is none of these: "order 1000 napkins", "10 minutes
// down the road", "Garantie 2 ans"; nor a year ("invoice 2023"), a code that came by
// text message, or a seat and a platform.
//
// A parcel's tracking number is nobody's order number, and is left alone.
//
// On presidio_pii all cards, IBANs, e-mail addresses and phone numbers are found,
// in the templates by which the company was written and in the others, and none
// of 945 clean sentences is touched (TestFind_MarkedSentences, which takes the
// folder in FRONTDESK_EVAL_DATA). Of its addresses 28 % are: most are invented
// streets, or house numbers and post codes alone. testdata/written.txt holds
// forms of twelve countries. On the corpus' 4,811 messages nothing is found but
// ten order numbers that their writers put there.
//
// Invariants: finds go up and do not overlap (of two, the kind that can be
// checked wins, then the longer); a find begins and ends on the bounds of
// characters; time grows with the length of the text. Nothing here can fail;
// a site's pattern that is no regular expression is an error of Patterns, and
// finds nothing where it was not checked.
package pii
