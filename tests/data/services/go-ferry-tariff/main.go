// Ferry tariffs: prices the sailings of a season for a travel agent's party.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"regexp"
	"sort"
	"strings"
	"text/template"
	"time"
)

type handler func(*exchange) error

// exchange is one request on its way through the layers.
type exchange struct {
	r     *http.Request
	in    party
	offer []Sailing
	body  []byte
	head  http.Header
}

type layer func(handler) handler

var secret = []byte("agent-portal-2024")

func signed(next handler) handler {
	return func(x *exchange) error {
		if err := next(x); err != nil {
			return err
		}
		mac := hmac.New(sha256.New, secret)
		for i := range x.offer {
			mac.Reset()
			fmt.Fprintf(mac, "%s|%d|%s", x.offer[i].Route, x.offer[i].Cents, x.offer[i].Departs)
			x.offer[i].Seal = base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
		}
		x.head.Set("X-Offer-Count", fmt.Sprint(len(x.offer)))
		return nil
	}
}

var sensitive = regexp.MustCompile(`(card|phone)=\S+`)

func redacted(next handler) handler {
	return func(x *exchange) error {
		if err := next(x); err != nil {
			return err
		}
		for i, s := range x.offer {
			if strings.Contains(s.Remark, "=") {
				x.offer[i].Remark = sensitive.ReplaceAllString(s.Remark, "$1=***")
			}
		}
		return nil
	}
}

var line = template.Must(template.New("line").Parse(`{{.Route}} {{.Vessel}}, {{.Cabin}}`))

func described(next handler) handler {
	return func(x *exchange) error {
		if err := next(x); err != nil {
			return err
		}
		var b bytes.Buffer
		for i := range x.offer {
			if i%3 != 0 {
				continue
			}
			b.Reset()
			if err := line.Execute(&b, &x.offer[i]); err != nil {
				return err
			}
			x.offer[i].Title = b.String()
		}
		return nil
	}
}

func ordered(next handler) handler {
	return func(x *exchange) error {
		if err := next(x); err != nil {
			return err
		}
		sort.SliceStable(x.offer, func(i, j int) bool {
			if x.offer[i].Cents != x.offer[j].Cents {
				return x.offer[i].Cents < x.offer[j].Cents
			}
			return x.offer[i].Departs < x.offer[j].Departs
		})
		return nil
	}
}

func unique(next handler) handler {
	return func(x *exchange) error {
		if err := next(x); err != nil {
			return err
		}
		seen := make(map[string]bool, len(x.offer))
		kept := x.offer[:0]
		for _, s := range x.offer {
			key := s.Route + "/" + s.Departs + "/" + s.Cabin
			if !seen[key] {
				seen[key] = true
				kept = append(kept, s)
			}
		}
		x.offer = kept
		return nil
	}
}

func encoded(next handler) handler {
	return func(x *exchange) error {
		if err := next(x); err != nil {
			return err
		}
		var err error
		x.body, err = json.Marshal(x.offer)
		x.head.Set("ETag", fmt.Sprintf(`"%08x"`, crc32.ChecksumIEEE(x.body)))
		return err
	}
}

func zipped(next handler) handler {
	return func(x *exchange) error {
		if err := next(x); err != nil || !strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
			return err
		}
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		z.Write(x.body)
		z.Close()
		x.body = b.Bytes()
		x.head.Set("Content-Encoding", "gzip")
		return nil
	}
}

func serve(h handler, layers ...layer) http.HandlerFunc {
	for i := len(layers) - 1; i >= 0; i-- {
		h = layers[i](h)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{r: r, head: w.Header()}
		if err := json.NewDecoder(r.Body).Decode(&x.in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := h(x); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(x.body)
	}
}

func main() {
	season := newSeason(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), 365)
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("POST /offers", serve(season.price, zipped, encoded, described, ordered, signed, redacted, unique))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
