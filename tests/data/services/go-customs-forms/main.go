// Customs broker: turns a consignment's packing list into a priced, signed declaration.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

type bodyKeeper struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (b *bodyKeeper) Write(p []byte) (int, error) { return b.body.Write(p) }

func (b *bodyKeeper) WriteString(s string) (int, error) { return b.body.WriteString(s) }

// signing adds a detached signature of the body.
func signing(key []byte) gin.HandlerFunc {
	return func(c *gin.Context) {
		kept := &bodyKeeper{ResponseWriter: c.Writer}
		c.Writer = kept
		c.Next()
		mac := hmac.New(sha1.New, key)
		for _, line := range strings.SplitAfter(kept.body.String(), "\n") {
			mac.Write([]byte(strings.TrimRight(line, " \t")))
		}
		c.Writer = kept.ResponseWriter
		c.Header("X-Declaration-Signature", hex.EncodeToString(mac.Sum(nil)))
		_, _ = io.Copy(c.Writer, &kept.body)
	}
}

// packing compresses for those who can read it.
func packing(c *gin.Context) {
	if !strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
		c.Next()
		return
	}
	kept := &bodyKeeper{ResponseWriter: c.Writer}
	c.Writer = kept
	c.Next()
	c.Writer = kept.ResponseWriter
	c.Header("Content-Encoding", "gzip")
	z, _ := gzip.NewWriterLevel(c.Writer, gzip.BestSpeed)
	_, _ = kept.body.WriteTo(z)
	_ = z.Close()
}

// archive keeps a short fingerprint of what went out, by declaration.
type archive struct {
	entries chan string
	recent  [64]string
}

func (a *archive) middleware(c *gin.Context) {
	kept := &bodyKeeper{ResponseWriter: c.Writer}
	c.Writer = kept
	c.Next()
	c.Writer = kept.ResponseWriter
	var tidy bytes.Buffer
	if err := json.Compact(&tidy, kept.body.Bytes()); err == nil {
		a.entries <- fmt.Sprintf("%s %s %08x", time.Now().Format(time.RFC3339), c.Request.URL.Path, crc32.ChecksumIEEE(tidy.Bytes()))
	}
	_, _ = kept.body.WriteTo(c.Writer)
}

func (a *archive) run() {
	n := 0
	for e := range a.entries {
		a.recent[n%len(a.recent)] = e
		n++
	}
}

func declare(office *Office) gin.HandlerFunc {
	return func(c *gin.Context) {
		list, ok := office.PackingList(c.Param("ref"))
		if !ok {
			c.JSON(http.StatusNotFound, gin.H{"error": "no such consignment"})
			return
		}
		goods, err := readGoods(list)
		if err != nil {
			c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
			return
		}
		problems := office.Check(goods)
		lines := office.Price(goods, c.DefaultQuery("currency", "EUR"))
		text, err := office.Render(c.Param("ref"), lines)
		if err != nil {
			c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
			return
		}
		c.IndentedJSON(http.StatusOK, gin.H{
			"consignment": c.Param("ref"), "problems": problems, "totals": office.Totals(lines), "lines": lines, "form": text,
		})
	}
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	debug.SetGCPercent(300)
	office := NewOffice()
	kept := &archive{entries: make(chan string, 64)}
	go kept.run()

	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/live", func(c *gin.Context) { c.String(http.StatusOK, "live") })
	r.GET("/tariff/:code", func(c *gin.Context) {
		if t, ok := office.tariff[c.Param("code")]; ok {
			c.JSON(http.StatusOK, t)
			return
		}
		c.Status(http.StatusNotFound)
	})
	r.GET("/consignments/:ref/declaration", packing, signing([]byte(os.Getenv("SIGNING_KEY")+"broker")), kept.middleware, declare(office))
	pp := r.Group("/debug/pprof")
	pp.GET("/", gin.WrapF(pprof.Index))
	pp.GET("/profile", gin.WrapF(pprof.Profile))
	pp.GET("/trace", gin.WrapF(pprof.Trace))
	for _, name := range []string{"allocs", "block", "goroutine", "heap", "mutex", "threadcreate"} {
		pp.GET("/"+name, gin.WrapH(pprof.Handler(name)))
	}
	if err := r.Run("127.0.0.1:" + os.Getenv("PORT")); err != nil {
		panic(err)
	}
}
