// Customs forms: works out duty and papers for a parcel that leaves the country.
package main

import (
	"bytes"
	"errors"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strings"

	"github.com/gin-gonic/gin"
)

type Line struct {
	Description string  `json:"description" binding:"required"`
	Code        string  `json:"code" binding:"required,len=6"`
	Quantity    int     `json:"quantity" binding:"min=1,max=999"`
	Value       float64 `json:"value" binding:"gt=0"`
	Grams       int     `json:"grams" binding:"gt=0"`
}

type Parcel struct {
	To    string `json:"to" binding:"required,len=2"`
	Gift  bool   `json:"gift"`
	Lines []Line `json:"lines" binding:"required,min=1,max=20,dive"`
}

type FormLine struct {
	Code  string  `json:"code"`
	Value float64 `json:"value"`
	Duty  float64 `json:"duty"`
	Note  string  `json:"note,omitempty"`
}

type Form struct {
	Kind   string     `json:"kind"`
	To     string     `json:"to"`
	Lines  []FormLine `json:"lines"`
	Value  float64    `json:"value"`
	Duty   float64    `json:"duty"`
	Grams  int        `json:"grams"`
	Papers []string   `json:"papers"`
}

var union = map[string]bool{"AT": true, "BE": true, "DE": true, "DK": true, "ES": true, "FR": true, "IT": true, "NL": true, "SE": true}

const giftLimit, shortFormLimit = 45.0, 400.0

func cents(v float64) float64 { return math.Round(v*100) / 100 }

func formKind(value float64, p Parcel) string {
	switch {
	case union[p.To]:
		return "none"
	case value <= shortFormLimit:
		return "CN22"
	}
	return "CN23"
}

func papersFor(kind string, t Tariff) []string {
	var papers []string
	if kind == "CN23" {
		papers = append(papers, "commercial invoice")
	}
	for _, p := range t.Papers {
		papers = append(papers, strings.ToLower(p))
	}
	return papers
}

func fill(p Parcel, tariffs map[string]Tariff) Form {
	f := Form{To: p.To}
	for _, l := range p.Lines {
		f.Value += l.Value * float64(l.Quantity)
		f.Grams += l.Grams * l.Quantity
	}
	f.Kind = formKind(f.Value, p)
	free := union[p.To] || p.Gift && f.Value <= giftLimit
	for _, l := range p.Lines {
		t := tariffs[l.Code]
		line := FormLine{Code: l.Code, Value: cents(l.Value * float64(l.Quantity)), Note: t.Title}
		if !free {
			line.Duty = cents(line.Value * t.Percent / 100)
		}
		f.Duty += line.Duty
		f.Lines = append(f.Lines, line)
		f.Papers = append(f.Papers, papersFor(f.Kind, t)...)
	}
	f.Value, f.Duty = cents(f.Value), cents(f.Duty)
	return f
}

type server struct{ tariffs *TariffClient }

func (s *server) postForm(c *gin.Context) {
	var p Parcel
	if err := c.ShouldBindJSON(&p); err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
		return
	}
	codes := make([]string, 0, len(p.Lines))
	for _, l := range p.Lines {
		codes = append(codes, l.Code)
	}
	tariffs, err := s.tariffs.Lookup(c.Request.Context(), p.To, codes)
	if errors.Is(err, errNoTariff) {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": "unknown tariff code"})
		return
	}
	if err != nil {
		log.Printf("tariffs: %v", err)
		c.JSON(http.StatusBadGateway, gin.H{"error": "tariffs are not available"})
		return
	}
	c.JSON(http.StatusCreated, fill(p, tariffs))
}

func (s *server) getKinds(c *gin.Context) {
	var out bytes.Buffer
	for _, k := range []string{"none", "CN22", "CN23"} {
		out.WriteString(k + "\n")
	}
	c.Data(http.StatusOK, "text/plain", out.Bytes())
}

func (s *server) getCountry(c *gin.Context) {
	code := strings.ToUpper(c.Param("code"))
	c.JSON(http.StatusOK, gin.H{"country": code, "union": union[code], "gift_limit": giftLimit})
}

func main() {
	base := "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")
	s := &server{tariffs: NewTariffClient(base, "parcel-desk", "k3-2f81")}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	r.POST("/forms", s.postForm)
	r.GET("/forms/kinds", s.getKinds)
	r.GET("/countries/:code", s.getCountry)
	r.GET("/debug/pprof/*any", gin.WrapH(http.DefaultServeMux))
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
