// Package browser plays a customer and agents, each in a browser window of
// their own, against the program itself: it holds tests and nothing else.
//
// The driver, its packages and the stage are those of widget/browser; the
// scenarios are here. Without node, those packages or a browser the tests skip,
// and say what is missing; where CI is set, that is a failure.
package browser
