package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"frontdesk"
	"frontdesk/bot"
	"frontdesk/evals/gate"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
)

// versionsOf names what decides beside the cases: the knowledge by its hash, the
// encoders and the reranker, the settings that a site of a run has, which desk each
// topic has, the way words are cut, and each folder of the product whose weights,
// phrases and tables are built in, by the hash of all of these.
func (a *app) versionsOf(articles []retrieval.Article) (map[string]string, error) {
	out := map[string]string{gate.Knowledge: knowledgeHash(articles), "encoders": a.encodersNamed(), "reranker": "none", "words": fmt.Sprint(words.Version)}
	if a.config.RerankURL != "" {
		out["reranker"] = a.config.RerankModel
	}
	if err := errors.Join(settingsInto(out), topicsInto(out)); err != nil {
		return nil, err
	}
	folders := map[string][]byte{} // names and hashes of the files, in their order
	err := fs.WalkDir(frontdesk.Decides, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := frontdesk.Decides.ReadFile(file)
		if err != nil {
			return err
		}
		of := path.Dir(file)
		folders[of] = fmt.Appendf(folders[of], "%s %x\n", file, sha256.Sum256(data))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the versions of what decides: %w", err)
	}
	for of, list := range folders {
		sum := sha256.Sum256(list)
		out[of] = hex.EncodeToString(sum[:8])
	}
	return out, nil
}

// encodersNamed are the models that encode: the private ones, or the one of
// EMBEDDINGS_BASE_URL by the name that it is asked for.
func (a *app) encodersNamed() string {
	if a.config.EmbeddingsURL != "" {
		return cmp.Or(a.config.EmbeddingsModel, "the model that the server of EMBEDDINGS_BASE_URL has")
	}
	return embed.PrivateModel + " " + embed.PrivateEnglish
}

// settingsInto adds the settings of the sites that runs make, which are the
// shipped ones, with the thresholds that they come to.
func settingsInto(out map[string]string) error {
	s, err := bot.ParseSettings(nil)
	if err != nil {
		return err
	}
	ranking, err := retrieval.DefaultRanking()
	if err != nil {
		return err
	}
	sure, maybe := ranking.Thresholds(s.AcceptedRisk())
	for name, v := range map[string]any{"risk": s.AcceptedRisk(), "threshold": sure, "maybe": maybe, "language": s.Language, "queue": s.Queue} {
		out[gate.Setting+name] = fmt.Sprint(v)
	}
	return nil
}

// topicsInto adds the desk of each topic.
func topicsInto(out map[string]string) error {
	p, err := triage.DefaultPolicy()
	if err != nil {
		return err
	}
	for _, t := range p.Topics {
		out[gate.Topic+t.Topic] = string(t.Desk)
	}
	return nil
}

// articleHashes are the hashes of each article's words and looks, by its id behind
// a prefix.
func articleHashes(prefix string, articles []retrieval.Article) map[string]string {
	out := make(map[string]string, len(articles))
	for _, x := range articles {
		out[prefix+x.ID] = knowledgeHash([]retrieval.Article{x})[:8]
	}
	return out
}
