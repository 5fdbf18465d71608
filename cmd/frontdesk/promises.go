package main

import (
	"errors"
	"fmt"
	"net/url"

	"frontdesk/handoff/mail"
	"frontdesk/handoff/pgdesk"
)

// newPromises is what writes down what the desk promises. Every command that
// changes a case has it; only serve keeps promises.
func (a *app) newPromises(f *front) (*pgdesk.Promises, error) {
	return pgdesk.NewPromises(pgdesk.PromisesConfig{Pool: f.store.pool, Logger: a.log, Now: a.now, SiteName: f.shopName})
}

// newKeeper is what keeps promises: jobs, and the mail server where one is set
// up. base is the address that this service answers on.
func (a *app) newKeeper(f *front, base string) (*pgdesk.Keeper, error) {
	cfg := pgdesk.KeeperConfig{Base: func() string { return base }}
	if a.config.URL != "" {
		cfg.Base = func() string { return a.config.URL }
	}
	postman, err := a.config.postman()
	if err != nil {
		return nil, err
	}
	if postman == nil {
		a.log.Warn("no mail server is set up: e-mails are kept as not sent (SMTP_URL)")
	} else {
		cfg.Postman = postman
	}
	if postman != nil && a.config.URL == "" {
		a.log.Warn("links in e-mails lead to the address this service answers on: set FRONTDESK_URL to the one customers use", "base", base)
	}
	return pgdesk.NewKeeper(f.desk, f.promises, cfg)
}

// postman is the mail server, nil where none is set up.
func (c config) postman() (*mail.Sender, error) {
	if c.SMTPURL == "" {
		return nil, nil
	}
	cfg, err := mail.ReadConfig(c.SMTPURL, c.SMTPFrom)
	if err != nil {
		return nil, usageError{fmt.Errorf("SMTP_URL with SMTP_FROM: %w", err)}
	}
	return mail.NewSender(cfg)
}

// checkSMTP looks at the address alone; the sender is looked at with it.
func checkSMTP(v string) error {
	_, err := mail.ReadConfig(v, "x@example.org")
	return err
}

func checkURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("this is no web address: write it as https://help.shop.example")
	}
	return nil
}
