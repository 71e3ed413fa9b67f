"""Ask a server on loopback as several users do: pages, ids, queries, odd requests."""
import http.client, random, socket, sys, time, uuid
port=int(sys.argv[1]); r=random.Random(7)
AGENTS=['Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0','Mozilla/5.0 (Macintosh) Safari/605.1','okhttp/4.12']
def ask(host,method,path,agent,body=None,headers={}):
    c=http.client.HTTPConnection(host,port,timeout=5)
    c.request(method,path,body=body,headers={'User-Agent':agent,'Connection':'close',**headers}); x=c.getresponse(); x.read(); c.close(); return x.status
for i in range(60):
    host='127.0.0.1' if i%5 else '::1'
    a=AGENTS[i%3]
    h={'Cookie':f'sessionid=s{i%4}abc{i%4}def00112233','X-Forwarded-For':f'203.0.113.{i%4}, 10.0.0.1'}
    p=[f'/products/{r.randrange(1,500)}',f'/users/{uuid.UUID(int=r.getrandbits(128))}','/search?q=red+shoe&page=2','/',f'/blog/{"-".join(r.choices(["how","to","cook","fast","food"],k=4))}'][i%5]
    ask(host,'GET',p,a,headers=h)
    if i%10==0: time.sleep(.3)
for _ in range(4): ask('127.0.0.1','HEAD','/',AGENTS[0])
for _ in range(5): ask('127.0.0.1','POST','/cart',AGENTS[0],body='x=1')
ask('127.0.0.1','GET','/static/app.css',AGENTS[0]); ask('127.0.0.1','GET','/healthz','kube-probe/1.29'); ask('127.0.0.1','GET','/products/9','Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')
ask('127.0.0.1','GET','/wp-login.php',AGENTS[1]); ask('127.0.0.1','OPTIONS','/cart',AGENTS[1]); ask('127.0.0.1','GET','/reset?token=s3cretS3cret&next=/',AGENTS[1])
ask('127.0.0.1','GET','/products/7','odd "agent" \\ with quotes',headers={'Referer':'http://127.0.0.1/a"b'})
for raw in (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', b'GET /%E4%BD%A0%22 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', b'GET http://example.test/abs?x=1 HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n', b'\r\n\r\n', b'GET /${jndi:ldap://x/a} HTTP/1.0\r\n\r\n'):
    s=socket.create_connection(('127.0.0.1',port),2); s.sendall(raw); s.settimeout(1)
    try:
        while s.recv(4096): pass
    except OSError: pass
    s.close()
