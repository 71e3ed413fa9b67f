// Market stalls: pitches of a market day are given to traders, with the bank's hold on the fee.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

type Grant struct {
	Number int    `json:"number"`
	Market string `json:"market"`
	Pitch  int    `json:"pitch"`
	Trader string `json:"trader"`
	Hold   string `json:"hold"`
	Fee    int    `json:"fee_cents"`
}

var (
	errNoMarket = errors.New("no such market")
	errFull     = errors.New("all pitches are given")
)

// Bank puts holds on traders' accounts.
type Bank struct {
	base   string
	client *http.Client
}

func (b *Bank) Hold(ctx context.Context, trader string, cents int) (string, error) {
	body := strings.NewReader(fmt.Sprintf(`{"account":%q,"cents":%d}`, trader, cents))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.base+"/holds", body)
	if err != nil {
		return "", err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var out struct{ Reference string }
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return "", err
	}
	return out.Reference, nil
}

type market struct {
	name    string
	pitches int
	given   []Grant
}

type Office struct {
	bank *Bank

	mu      sync.Mutex
	number  int
	markets map[string]*market
}

func newOffice(bank *Bank) *Office {
	o := &Office{bank: bank, markets: map[string]*market{}}
	for name, pitches := range map[string]int{"cattle-square": 80, "fish-quay": 30, "flower-row": 24} {
		o.markets[name] = &market{name: name, pitches: pitches}
	}
	return o
}

func (m *market) fee() int {
	fee := 1400
	if len(m.given) > m.pitches/2 {
		fee += 350
	}
	return fee
}

// place returns a pitch that is free; the oldest grant ends when a market day is full.
func (m *market) place() int {
	if len(m.given) >= m.pitches {
		m.given = m.given[1:]
	}
	taken := make(map[int]bool, len(m.given))
	for _, g := range m.given {
		taken[g.Pitch] = true
	}
	for p := 1; p <= m.pitches; p++ {
		if !taken[p] {
			return p
		}
	}
	return 0
}

func (o *Office) Grant(ctx context.Context, name, trader string) (*Grant, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.markets[name]
	if m == nil {
		return nil, errNoMarket
	}
	pitch := m.place()
	if pitch == 0 {
		return nil, errFull
	}
	fee := m.fee()
	hold, err := o.bank.Hold(ctx, trader, fee)
	if err != nil {
		return nil, fmt.Errorf("hold: %w", err)
	}
	o.number++
	g := Grant{Number: o.number, Market: name, Pitch: pitch, Trader: trader, Hold: hold, Fee: fee}
	m.given = append(m.given, g)
	return &g, nil
}

func (o *Office) Given(name string) ([]Grant, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.markets[name]
	if m == nil {
		return nil, errNoMarket
	}
	return append([]Grant{}, m.given...), nil
}

func answer(c *gin.Context, v any, err error) {
	switch {
	case errors.Is(err, errNoMarket):
		c.JSON(http.StatusNotFound, gin.H{"error": err.Error()})
	case errors.Is(err, errFull):
		c.JSON(http.StatusConflict, gin.H{"error": err.Error()})
	case err != nil:
		log.Print(err)
		c.JSON(http.StatusBadGateway, gin.H{"error": "the bank does not answer"})
	default:
		c.JSON(http.StatusOK, v)
	}
}

func main() {
	office := newOffice(&Bank{
		base:   "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client: &http.Client{Timeout: 8 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 20}},
	})
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	r.POST("/markets/:market/grants", func(c *gin.Context) {
		g, err := office.Grant(c.Request.Context(), c.Param("market"), c.DefaultQuery("trader", "walk-in"))
		answer(c, g, err)
	})
	r.GET("/markets/:market/grants", func(c *gin.Context) {
		list, err := office.Given(c.Param("market"))
		answer(c, list, err)
	})
	r.GET("/debug/pprof/*any", gin.WrapH(http.DefaultServeMux))
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
