// The code points of each class, for each dialect: made by scripts/unicode.py with
// Python 3.11.7 (Unicode 14.0.0) and the Python package tokenizers 0.22.2.
// Runs of code points: the gap from the end of the run before and, after a dot, the length; in base 36.

export const unicodeTables = {
  slow: {
    dropped:
      '0.9 3.2 2.i 2o.x e jv.2 7.4 8 2 l b2 13.2 1f.2 4 1k.8 s.4 7.h n 5d 1d.2 1o.2 2u.e 1o.2 1e.2 g t.2 2 c.5 w.9 ' +
      '23 4i 9.2 3.2 n 8 2.3 5.2 a.2 3.2 5.8 2.4 3 6.2 q.2 4 7.4 3.2 n 8 3 3 3.2 2 6.4 3.2 4.3 2.7 5 2.7 i.a 4 a 4 n ' +
      '8 3 6.2 b 4 4.2 2.f 5.2 d.7 8 4 9.2 3.2 n 8 3 6.2 a.2 3.2 4.7 4.4 3 6.2 j.a 3 7.3 4 5.3 3 2 3.3 3.3 4.3 d.4 ' +
      '6.3 4 5.2 2.6 2.e m.5 e 4 o h.2 a 4 5.7 3 4.2 2.2 5.2 b.7 n 4 o b 6.2 a 4 5.7 3.6 3 5.2 b 3.d e 4 1g 4 7.4 ' +
      'h.2 r 4 j.3 p a 2.2 8.3 2.4 7 2 9.6 b.2 4.c 1n.4 u.11 3 2 6 p 2 o.2 6 2 7.2 b.2 5.w 21 11.4 14 11 g e.11 5j ' +
      '2.5 2.2 ai 5.2 8 2 5.2 16 5.2 y 5.2 8 2 5.2 g 1m 5.2 1w.2 x.3 r.6 2f.2 7.2 im.3 2i.7 n.9 p.9 l.c e 4 3.c 2n.2 ' +
      'b.6 b.6 f c.6 2i.7 18.5 1z.a w d.4 d.4 2.3 17.2 6.b 19.4 r.6 c.3 1r.2 1u u.2 c.6 b.6 f.2 w.1d 26.3 1c 39.8 ' +
      '1p.3 g.3 1p.7 18.2 c.8 18.5 ev.2 7.2 13.2 7.2 9 2 2 2 w.2 1i g f.2 7 k.2 4 a c.5 r.5 1e.g 3.2 s e.3 y.f y.f ' +
      '3x.4 ig.p c.l 1ed.2 x 9q.5 1a 2.5 2.2 1l.7 3.e p.9 8 8 8 8 8 8 8 8 3j.y r 2i.c 5z.q d.4 1t 2f.2 2w.5 18 2n ' +
      '2d.c 1c mlq.3 1k.9 9p.k 55.8 5o.5 3 2 6.o 1o.3 b.6 1l.8 1z.8 d.6 39.b v.3 27 c.4 y 1k.9 f.2 b.2 2w.o t.a 7.2 ' +
      '7.2 7.9 8 8 1p.4 3j.2 b.6 8md.c o.4 1e.6is a7.2 2z.12 8.c 6.5 r 6 2 3 3 3i.g ce.2 1j.7 2.w 17.6 1g k 5.4 6 ' +
      '3s.4 5b.3 7.2 7.2 7.2 4.3 8 8.d 2.3 d r k 3 g.2 f.y 3g.5 4.4 1a.3 2h e.3 2.1b 1b.3m u.3 1e.f t.4 11.9 v.5 ' +
      '18.5 v 12.4 f.16 4f.2 b.6 11.4 11.4 15.8 1h.b d g 8 3 c g 8 3.1v 8o.9 n.a 9.o 7 17 a.1x 7.2 2 19 3.3 2.2 o ' +
      '21.8 a.1c k 3.5 y.3 s.5 2.1s 1l.4 l.2 1f 3.5 9 4 u.2 4.4 b.7 a.7 1t.w 14.4 d.9 1j.3 u.2 s.5 r.7 5.c 8.28 ' +
      '22.1j 1g.d 1g.7 1b.8 b.86 w 17 4.2 3.26 15.8 17.m r.12 t.k o.9 27.4 11.9 1r 6.d q.7 b.6 1i j.8 14.9 2p l.b j ' +
      '19.1t 8 2 5 g c.6 1o.5 b.6 5 9.2 3.2 n 8 3 6 b.2 3.2 4.2 2.6 2.5 8.2 8.3 6.3v 2l 6.u 21.8 b.4m 1j.2 13.y 1y.b ' +
      'b.6 e.j 1n.6 b.1i s.2 g.4 o.55 1p.2s 2c.c 9.2 2.2 9 3 v 3.2 d.9 b.1y 9.2 1b.2 c.r 21.8 2c.d 22.7b a 1a f.a ' +
      'u.3 x.2 n f.21 8 3 19.3 2 3 a.8 b.6 7 3 12 3 7.7 b.8m q.53 2.f 1f.d po.2u 34 6.b 5h.218 2s.d ts.34h g8.6nt ' +
      'fu.7 w b.4 2a b.6 v.2 7.a 1z.a b 8 m.5 k.j4 2k.2t 24.4 1m.7 i.1s 6.b 3.e 4qh.8 yf.16 a.6w7 5 8 3 84.19 4.h ' +
      '5.8 b1.1s4 30.5 e.3 a.7 b.2 5.3mo 1b.2 o.9 39.1o 6v.a 14.2 23.8 35.l 1z.4a l.c 2g.9 q.3r 2e 20 3.2 2.2 3.2 5 ' +
      'd 2 8 1u 5.2 9 8 t 5 6 2.3 8 9h.2 85.2 jj.f 6 g.uo w.69 8 i.2 8 3 6.5x 1a.3 f.2 b.4 3.8w w.h 1n.5 2.yo 8 5 3 ' +
      'g 5i.2 h.15 25.4 b.4 3.lt 1x.24 1q.5e 5 s 3 2.2 2 b 5 2 2.6 2.4 2 2 2 4 3 2.2 2 2 2 2 2 3 2.2 5 8 5 5 2 b i.5 ' +
      '4 6 i.1g 3.7i 19.4 2t.c g.2 g g 12.a 4v.1k u.d 19.4 a.7 3.e 7.4a rd.5 h.3 e.3 39.c 2i.7 d.4 2.f d.4 1l.8 b.6 ' +
      '15.8 v.2 3.26 9h.c f.2 6.3 6.3 8.9 u.3 c.5 7.a b.6 9.8 8.9 44 1k.11 b.sm wyp.w 37e.7 67.2 4g3.e 5rm.2e7 ' +
      'f3.15u 3t8.fcmt 6p.47bk',
    space: '9.2 3 j 3k 4bk 1vk.b u.2 6 1c 335',
    punctuation:
      'x.f b.7 r.6 r.4 z 6 4 b.2 4 4 jj 9 cz.6 16.2 1g 2 3 3 19.2 l.2 2.2 e 2.3 23.4 2v 18.e 6i.3 1j.f w 7a.2 b 3x ' +
      '3d 3e av d a8 2j b.2 4p.f 2 12.4 20 23.5 5.2 34.6 4s h1.9 48 ha 19.2 27.3 20.2 4e.3 2.3 12.b 8q.2 61.2 3l.7 ' +
      '2.6 4t.7 t.2 3i.4 1o.5 1r.2 1t.8 c n1.o 9.k 2.d 2.c v.2 f.2 hm.4 u.2 u6.e 28.2 w.a b8.m 1s.4 x.2 l8.4 2.2 35 ' +
      '40.1b 2.w 3.c bo.3 5.a 3.c h d 2r 2j mwz.2 7i.3 2s b 38.6 al.4 2f.2 15.3 2 1e.2 1c 2q.d h.2 3h.4 3j.2 h.2 6y ' +
      'g2b.2 5t.a n.z 2.e 2 5 2.2 46.3 2.6 2.4 b.2 4.2 r.3 2 s 2 2.7 bf.3 il 1d bj ko 5k w 7l.9 13 35.7 1v.7 2i.4 lt ' +
      '4o.5 19.4 5a.7 32.2 2.4 3j.4 1d.2 28.4 5 e 2.3 2h.6 30 bm.5 b.2 2 2x 6z.n 2y.3 t.d 25 3n.3 71 7d.3 4c 2l.8 ' +
      '2c.3 2.5 bj.5 17.2 hy.2 7b vl.5 29p.2 bjw.2 3q 1u.5 9 nn.4 94 f5p 5wo.5 2xf.2',
    accent:
      'lc.34 7o.5 7e.19 2 2.2 2.2 2 21.b 1d.l h 2u.7 3.6 3.2 2.4 10 v.r 2k.b 1n.9 a p.4 2.9 2.3 2.5 18.3 1p.8 17.o ' +
      '2.w 1k 2 5.8 5 4.7 b.2 u 1n 5.4 9 l.2 r 3.2 1m 5.2 5.2 3.3 4 v.2 4 c.2 1m 5.5 2.2 5 l.2 n.6 2 1n 3 2.4 9 8.2 ' +
      'c.2 v 1q d 1f 4 1k 2.3 6.3 2.4 8.2 c.2 u 1n 3 7 6.2 l.2 t.2 1m.2 5.4 9 l.2 u 21 8.3 2 2j 3.7 d.8 2r 3.9 c.6 ' +
      '23.2 s 2 2 1k.e 2.5 2.2 6.b 2.10 a 2v.4 2.6 2.2 3.2 q.2 5.3 h.4 e 3.2 7 g jk.3 qb.3 u.2 v.2 v.2 1t.2 2.7 9 ' +
      '3.b a 1a.3 2 3a.2 z 3b.3 5.2 a 7.3 64.2 3 1n 2.7 2 2 3.8 7.a 3 1d.e 2.g 1e.4 1d 2.5 2 6 15.9 d.2 x.4 3.2 2.3 ' +
      '1l 2.2 4 2.3 1n.8 3.2 49.3 2.d 2.7 5 7 4.2 5j.1s k1.d 5 4.c 2db.3 3y 2p.w ff.4 30.2 n9x 5.a x.2 29.2 7l 4 5 ' +
      'q.2 6 48.2 r.i e 13.8 q.b 1b.3 1d 3.4 3.2 14 1w.6 3.2 3.2 d 9 1c 1g 2.3 3.2 6.2 2 17.2 9 6n 3 5 fn5 ki.g h.g ' +
      'r2 6b 46.5 1af.3 2.2 6.4 15.3 5 4m.2 fy.4 as.2 4a.b 1e.4 3g 1j.f 16 3.2 b.3 1e.4 3.2 8 1q.3 11.5 2.8 1r d.2 ' +
      '1h.9 b.4 3 2o.3 3 2.2 7 4h 4.8 m.2 1m.2 4 12.7 4.5 5g.8 3.3 2 o 2d.6 2 5.2 2.2 6n.4 7.2 2.2 s.2 2e.8 3 2.2 2z ' +
      '2 3.6 2 2u.3 3.4 2.5 78.9 2.2 75.2 2 5 41.4 3.2 5 x.a 15.6 3.4 9 a.6 3.3 1b.d 2.2 bb.7 2.6 2 2b.m 3.7 2.2 2.2 ' +
      '3f.6 4 2.2 2.7 2 21.2 4 2 9o.2 f0c.5 1o.7 t5 1s.4 2a f5l.2 3mq.1a 3.n f5.3 i.8 3.7 v.4 45.3 1j0.1j 5.1e 9 f ' +
      'n.5 2.f 11t.7 2.h 3.7 2.2 2.5 7a.7 ag 1q.4 15t.7 32.7 gzhy.6o',
  },
  fast: {
    dropped:
      '0.9 3.2 2.i 2o.x e 11v.6 n 5d 1e 3cv 1kt.5 r.5 1e.5 2.a 109d.6io 16o 6y.3 2 3b4 xyb.4 440.8 h407 v.2o ' +
      '1egx.1eke 3.1eke',
    space: '9.2 3 j 3k 4bk 1vk.b u.2 6 1c 335',
    punctuation:
      'x.f b.7 r.6 r.4 z 6 4 b.2 4 4 jj 9 cz.6 16.2 1g 2 3 3 19.2 l.2 2.2 e 3.2 23.4 2v 18.e 6i.3 1j.f w 7a.2 b ao ' +
      'lg 2j b.2 4p.f 2 12.4 20 23.5 5.2 34.6 4s h1.9 48 h9.2 19.2 27.3 20.2 4e.3 2.3 12.b 8q.2 61.2 3l.7 2.6 4t.7 ' +
      '4c.4 1o.5 1r.2 1t.8 c n1.o 9.k 2.d 2.c v.2 f.2 hm.4 u.2 u6.e 28.2 w.a b8.m 1s.4 x.2 l8.4 2.2 35 40.1b 2.j ' +
      'cf.3 5.a 3.c h d 2r 2j mwz.2 7i.3 2s b 38.6 al.4 2f.2 15.3 2 1e.2 1c 2q.d h.2 3h.4 3j.2 h.2 6y g2b.2 5t.a n.z ' +
      '2.e 2 5 2.2 46.3 2.6 2.4 b.2 4.2 r.3 2 s 2 2.7 bf.3 il 1d bj ko 5k w 7l.9 13 35.7 1v.7 2i.4 x7.7 32.2 2.4 ' +
      '3j.4 1d.2 28.5 4 e 2.3 2h.6 30 f1 6z.n 2y.3 6x.3 2lu.5 dtm.2 3q 1u.5 9 g2j 5wo.5',
    accent:
      'lc.34 7o.5 7e.19 2 2.2 2.2 2 21.b 1d.l h 2u.7 3.6 3.2 2.4 10 v.r 2k.b 1n.9 z.4 2.9 2.3 2.5 18.3 3s.w 1k 2 5.8 ' +
      '5 4.7 b.2 u 1n 5.4 9 l.2 u.2 1m 5.2 5.2 3.3 4 v.2 4 c.2 1m 5.5 2.2 5 l.2 u 1n 3 2.4 9 9 c.2 v 1q d 1f 1q.3 ' +
      '6.3 2.4 8.2 c.2 u 1n 3 7 6.2 l.2 u 1s.4 9 l.2 2v 8.3 2 2j 3.7 d.8 2r 3.6 2.2 c.6 23.2 s 2 2 1k.e 2.5 2.2 6.b ' +
      '2.10 a 2v.4 2.6 2.2 3.2 q.2 5.3 h.4 e 3.2 7 g jk.3 qb.3 u.3 u.2 v.2 1t.2 2.7 9 3.b a 1a.3 4c 3b.3 5.2 a 7.3 ' +
      '64.2 3 1n 2.7 2 2 3.8 7.a 3 1d.e 1v.4 1d 2.5 2 6 15.9 d.2 x.4 3.2 2.3 1l 2.2 4 2.3 1n.8 3.2 49.3 2.d 2.7 5 7 ' +
      '4.2 5j.1i 7.4 k1.d 5 4.c 2db.3 3y 2p.w ff.4 30.2 n9x 5.a x.2 29.2 7l 4 5 q.2 4e s.i 1h.8 q.b 1b.3 1d 3.4 3 15 ' +
      '1w.6 3.2 3.2 d 9 1c 1g 2.3 3.2 6.2 2 17.2 9 6n 3 5 fn5 ki.g h.g r2 6b 46.5 1af.3 2.2 6.4 15.3 5 4m.2 10b 1j.f ' +
      '1l.3 1e.4 3.2 1y.3 11.5 2.8 1r d.2 1h.9 c.3 2r.3 3 2.2 4o 4.8 m.2 1n 4 12.7 4.5 8v.6 2 5.2 2.2 6n.4 7.2 2.2 ' +
      's.2 2e.8 3 2.2 2z 2 3.6 2 2u.3 3.4 2.5 gjp.5 1o.7 ux.4 f7v.2 43t.3 i.8 3.7 v.4 45.3 1j0.1j 5.1e 9 f n.5 2.f ' +
      '2sh.7 gzl6.6o',
  },
} as const

/** What the Rust library and Python lower-case otherwise than some engine of JavaScript does: newer letters. */
export const lowerCase = {
  slow:
    '1c89 a7cb a7cc a7ce a7d2 a7d4 a7da a7dc 10d50 10d51 10d52 10d53 10d54 10d55 10d56 10d57 10d58 10d59 10d5a ' +
    '10d5b 10d5c 10d5d 10d5e 10d5f 10d60 10d61 10d62 10d63 10d64 10d65 16ea0 16ea1 16ea2 16ea3 16ea4 16ea5 16ea6 ' +
    '16ea7 16ea8 16ea9 16eaa 16eab 16eac 16ead 16eae 16eaf 16eb0 16eb1 16eb2 16eb3 16eb4 16eb5 16eb6 16eb7 16eb8',
  fast:
    '1c89.1c8a a7cb.264 a7cc.a7cd a7ce.a7cf a7d2.a7d3 a7d4.a7d5 a7da.a7db a7dc.19b 10d50.10d70 10d51.10d71 ' +
    '10d52.10d72 10d53.10d73 10d54.10d74 10d55.10d75 10d56.10d76 10d57.10d77 10d58.10d78 10d59.10d79 10d5a.10d7a ' +
    '10d5b.10d7b 10d5c.10d7c 10d5d.10d7d 10d5e.10d7e 10d5f.10d7f 10d60.10d80 10d61.10d81 10d62.10d82 10d63.10d83 ' +
    '10d64.10d84 10d65.10d85 16ea0.16ebb 16ea1.16ebc 16ea2.16ebd 16ea3.16ebe 16ea4.16ebf 16ea5.16ec0 16ea6.16ec1 ' +
    '16ea7.16ec2 16ea8.16ec3 16ea9.16ec4 16eaa.16ec5 16eab.16ec6 16eac.16ec7 16ead.16ec8 16eae.16ec9 16eaf.16eca ' +
    '16eb0.16ecb 16eb1.16ecc 16eb2.16ecd 16eb3.16ece 16eb4.16ecf 16eb5.16ed0 16eb6.16ed1 16eb7.16ed2 16eb8.16ed3',
} as const
