package chatapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"frontdesk/internal/web"
)

// BenchmarkMessages is a whole turn over HTTP but for its search, which costs
// nothing here: token, record, decide, finish, answer. The clients are in the
// same process and take their share of the machine.
func BenchmarkMessages(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s := start(b, options{cfg: Config{VisitorRate: web.Rate{PerSecond: -1}}})
			s.site(b, "shop", "")
			hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}}
			defer hc.CloseIdleConnections()
			var n atomic.Int64
			b.SetParallelism(max(1, clients/2))
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				v := s.visitor(b, nil)
				for p.Next() {
					body, err := json.Marshal(messageRequest{ClientMsgID: fmt.Sprint(n.Add(1)), Text: "How long do I have to send a kettle back?"})
					if err != nil {
						b.Fatal(err)
					}
					req, err := http.NewRequest("POST", s.base+v.path("/messages"), bytes.NewReader(body))
					if err != nil {
						b.Fatal(err)
					}
					req.Header.Set("Content-Type", "application/json")
					req.Header.Set("Authorization", "Bearer "+v.token)
					resp, err := hc.Do(req)
					if err != nil {
						b.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
					if resp.StatusCode != 200 {
						b.Fatal(resp.Status)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
		})
	}
}
