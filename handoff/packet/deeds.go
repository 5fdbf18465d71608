package packet

import (
	"strings"

	"frontdesk/triage/text"
)

// acted says whether a word is a verb in a form that tells what "I" or "we" did,
// whatever the verb: by its ending, and in some languages by the "have" before
// it. What one does with a shop and not with a fault (buy, get, pay, want, see)
// is left out.
func (s *said) acted(i int) bool {
	form := s.words[i].Form
	switch s.lang.code {
	case "en":
		return (strings.HasSuffix(form, "ed") && len(form) >= 6 || irregular(form)) && s.before(i, 2, "i", "we", "ive", "weve") && !shopping(form)
	case "de":
		return participle(form, "ge", "t", "en") && s.before(i, 9, "habe", "hab", "haben") && !shopping(form)
	case "nl":
		return participle(form, "ge", "t", "d", "en") && s.before(i, 9, "heb", "hebben") && !shopping(form)
	case "fr":
		return endsIn(s.body[s.words[i].From:s.words[i].To], "é", "ée", "és", "ées", "is", "it", "ert") && s.before(i, 2, "ai", "avons") && !shopping(form)
	case "es":
		return endsIn(form, "ado", "ido", "cho", "esto", "ierto") && s.before(i, 2, "he", "hemos") && !shopping(form)
	case "it":
		return endsIn(form, "ato", "uto", "ito", "ata", "ati", "uso", "esso", "erto", "olto") && s.before(i, 2, "ho", "abbiamo") && !shopping(form)
	case "pt":
		return len(form) >= 6 && endsIn(form, "ei") && !shopping(form)
	case "pl":
		return len(form) >= 7 && endsIn(s.body[s.words[i].From:s.words[i].To], "łem", "łam", "liśmy", "łyśmy") && !shopping(form)
	case "tr":
		return len(form) >= 6 && endsIn(form, "dim", "dum", "tim", "tum", "dik", "duk", "tik", "tuk") && !shopping(form)
	default:
		return false
	}
}

// before says whether one of some words stands up to so many words before, in
// the same clause.
func (s *said) before(i, most int, forms ...string) bool {
	for back := 1; back <= most && i-back >= 0; back++ {
		w := s.words[i-back]
		if strings.ContainsAny(s.body[w.To:s.words[i-back+1].From], ".;:!?\n") {
			return false
		}
		for _, f := range forms {
			if w.Form == f {
				return true
			}
		}
	}
	return false
}

// participle says whether a word has "ge" at its front, or behind a short part
// that comes off ("ausgesteckt"), and one of some endings.
func participle(form, mark string, ends ...string) bool {
	at := strings.Index(form, mark)
	return len(form) >= 6 && at >= 0 && at <= 6 && len(form)-at >= 5 && endsIn(form, ends...)
}

func endsIn(form string, ends ...string) bool {
	for _, e := range ends {
		if strings.HasSuffix(form, e) {
			return true
		}
	}
	return false
}

// irregular says whether a word is a past tense of what one does to a thing.
func irregular(form string) bool {
	switch form {
	case "took", "put", "sent", "ran", "rang", "wrote", "went", "held", "shut", "cut", "swept", "undid", "redid", "dug", "blew", "shook":
		return true
	default:
		return false
	}
}

// shopping says whether a verb tells of buying, getting, thinking, noticing: all
// that does nothing about a fault.
func shopping(form string) bool {
	switch form {
	case "supposed", "paused", "allume", "saydim", "biraktim", "kupowalem", "kupowalam", "ordered", "received", "wanted", "needed", "noticed", "expected", "purchased", "started", "wondered", "realised", "realized", "assumed", "thought", "decided", "happened", "charged", "missed", "returned", "placed", "picked", "selected", "hoped", "planned", "promised", "preferred", "believed", "discovered", "booked", "agreed", "refused", "cancelled", "married", "claimed",
		"gekauft", "gesagt", "gesehen", "gehabt", "gewollt", "gedacht", "geliefert", "gehort", "gefunden", "gewesen", "gemerkt", "geglaubt", "gehofft", "gewusst", "ausgegeben", "eingegangen", "angekommen", "vergessen", "gezahlt", "gebraucht", "zugestimmt", "gewunscht", "gebucht", "gekostet",
		"gekocht", "gekregen", "gehad", "gezien", "gezegd", "gekozen", "gemist", "geleverd", "gehoord", "gevonden", "geweest", "gebruikt", "gegeven", "gewild",
		"commande", "achete", "paye", "ete", "dit", "trouve", "compris", "pense", "decouvert", "recupere", "refuse", "constate", "remarque", "prevu", "offert", "choisi", "oublie", "pris", "reserve", "souhaite", "annule", "regle",
		"comprado", "pedido", "recibido", "pagado", "tenido", "sido", "estado", "dicho", "perdido", "querido", "podido", "encontrado", "olvidado", "decidido", "notado", "sabido", "encargado",
		"comprato", "ordinato", "ricevuto", "pagato", "avuto", "stato", "voluto", "potuto", "trovato", "dimenticato", "notato", "acquistato", "saputo", "pensato", "deciso", "sentito", "ricevuta", "comprata",
		"comprei", "encomendei", "paguei", "fiquei", "achei", "gostei", "pensei", "comecei", "reparei", "entrei", "precisei", "encontrei", "notei", "imaginei",
		"kupilem", "kupilam", "zamowilem", "zamowilam", "dostalem", "dostalam", "otrzymalem", "otrzymalam", "zaplacilem", "zaplacilam", "chcialem", "chcialam", "myslalem", "myslalam", "mialem", "mialam", "widzialem", "widzialam", "wiedzialem", "wiedzialam", "zauwazylem", "zauwazylam", "znalazlem", "znalazlam", "zgubilem", "zgubilam", "zapomnialem", "zapomnialam", "moglem", "moglam", "musialem", "musialam",
		"odedim", "istedim", "verdim", "gordum", "unuttum", "buldum", "ismarladim", "kaybettim", "bildim", "sandim", "istemistim", "dedim", "duydum", "begendim":
		return true
	default:
		return false
	}
}

// told lists what acted finds in a sentence.
func (s *said) told(p text.Span) []hit {
	var out []hit
	for i := s.wordAt(p.From); i < len(s.words) && s.words[i].To <= p.To; i++ {
		if s.acted(i) {
			out = append(out, hit{i, i, s.words[i].From, s.words[i].To, false})
		}
	}
	return out
}
