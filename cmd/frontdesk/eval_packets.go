package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/bot/convo"
	"frontdesk/evals"
	"frontdesk/handoff/packet"
	"frontdesk/retrieval"
	"frontdesk/retrieval/sources"
	"frontdesk/triage/lang"
	"frontdesk/triage/mood"
	"frontdesk/triage/pii"
)

type evalPacketsFlags struct {
	dir       string
	knowledge string
	part      string
	misses    bool
	show      string
}

func newEvalPacketsCommand(a *app) *cobra.Command {
	var f evalPacketsFlags
	c := &cobra.Command{
		Use:   "packets",
		Short: "Measure what an agent is given at a handoff: whether its lines are backed, and what is in it",
		Long: `Measure the packets that are made of labelled conversations of the demo shop: the
share of lines that are backed by what they cite, of labelled facts that are in
them, and of facts that nobody said. The conversations were written by somebody
who had not seen what makes packets; the parts sealed, third and fourth are for
what is finished, and are held against their hashes. Needs no database and no model.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.evalPackets(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.dir, "packets", "", "folder of the conversations (default evals/packets of the repository)")
	c.Flags().StringVar(&f.knowledge, "knowledge", "", "the shop's knowledge, for the names of its products (default evals/shop/knowledge)")
	c.Flags().StringVar(&f.part, "part", string(evals.Open), "open, open2, open3, sealed, third or fourth")
	c.Flags().BoolVar(&f.misses, "misses", false, "also print what was missed and what nobody labelled (of the open parts only)")
	c.Flags().StringVar(&f.show, "show", "", "print the packet of one conversation of an open part, by its id")
	return c
}

func (a *app) evalPackets(ctx context.Context, f evalPacketsFlags) error {
	part := evals.Part(f.part)
	if part.Sealed() && (f.misses || f.show != "") {
		return usageError{fmt.Errorf("what was missed of the part %s is read by nobody: leave --misses and --show out", part)}
	}
	if f.dir == "" || f.knowledge == "" {
		root, ok := repositoryRoot()
		if !ok {
			return usageError{errors.New("run this inside the repository, or name folders with --packets and --knowledge")}
		}
		if f.dir == "" {
			f.dir = filepath.Join(root, "evals", "packets")
		}
		if f.knowledge == "" {
			f.knowledge = filepath.Join(root, "evals", "shop", "knowledge")
		}
	}
	cases, err := evals.ReadPacketCases(f.dir, part)
	if err != nil {
		return err
	}
	found, err := sources.Walk(ctx, []string{f.knowledge}, sources.Options{})
	if err != nil {
		return err
	}
	maker, detect, err := newPacketMaker()
	if err != nil {
		return err
	}
	catalogue := packet.NewCatalogue(catalogued(found.Articles))
	list := make([]evals.Packed, 0, len(cases))
	for _, c := range cases {
		in := c.Input()
		in.Catalogue = catalogue
		in.Case.Language, _ = detect.Detect(customerWords(c), "")
		p := maker.Make(in)
		if c.ID == f.show {
			fmt.Fprintln(a.stdout, packet.Text(p, "en"))
			return nil
		}
		list = append(list, evals.Packed{PacketCase: c, Packet: p})
	}
	report := evals.MeasurePackets(list)
	report.Print(a.stdout)
	if f.misses {
		for _, line := range report.Missed {
			fmt.Fprintln(a.stdout, "missed:", line)
		}
		for _, line := range report.Extra {
			fmt.Fprintln(a.stdout, "extra:", line)
		}
	}
	return nil
}

// newPacketMaker makes what makes packets, with triage's readers.
func newPacketMaker() (*packet.Maker, *lang.Detector, error) {
	finder, err := pii.New()
	if err != nil {
		return nil, nil, err
	}
	reader, err := mood.New()
	if err != nil {
		return nil, nil, err
	}
	detect, err := lang.New()
	if err != nil {
		return nil, nil, err
	}
	maker, err := packet.New(packet.Deps{PII: finder, Feel: func(text string) (float64, float64) {
		f := reader.Read(text, mood.Conduct{})
		return f.Mood, f.Urgency
	}})
	return maker, detect, err
}

// catalogued are articles as a catalogue of products is made of them.
func catalogued(list []retrieval.Article) []packet.Article {
	out := make([]packet.Article, 0, len(list))
	for _, a := range list {
		out = append(out, packet.Article{Title: a.Title, Product: a.Product, Body: a.Body})
	}
	return out
}

func customerWords(c evals.PacketCase) string {
	var b strings.Builder
	for _, e := range c.Events {
		if e.Author == convo.Customer {
			b.WriteString(e.Text)
			b.WriteString("\n")
		}
	}
	return b.String()
}
