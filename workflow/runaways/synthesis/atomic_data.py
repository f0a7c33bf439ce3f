"""Atomic data of the stand-in synthesiser: abundances, ionisation, levels and lines, with sources.

Sources of the oscillator strengths, one letter per metal line.  Each value is the one its source
prints; A-values were converted with log gf = log10(1.4992e-16 lambda^2 g A).

C  Lawler et al. (2017ApJS..228...10L), laboratory; read in linemake (2021RNAAS...5...92P).
D  Den Hartog et al. (2019ApJS..243...33D), laboratory; read in linemake.
F  Froese Fischer, Tachiev & Irimia (2006ADNDT..92..607F), read in the Stout files of Cloudy 17
   (2015ApJ...807..118L, 2017RMxAA..53..385F).
G  Gaia-ESO line list (2021A&A...645A.106H) as Turbospectrum carries it, extended to the blue
   (2023A&A...669A..43G; nlte_ges_linelist of 17 Feb 2022).
I  NIST Atomic Spectra Database, grade C (Fuhr & Wiese 2006JPCRD..35.1669F); read in linemake.
N  NIST Atomic Spectra Database as of 2014, read in the Stout files of Cloudy 17.
P  PyEMILI 1.2 (Tu et al. 2025, doi:10.3847/1538-4365/adae00): the Atomic Line List v3.00b4 of
   van Hoof (2018Galax...6...63V) with transition probabilities supplied from Kurucz's lists.
R  Pehlivan Rhodin et al. (2017A&A...598A.102P), read in linemake.
S  Safronova & Safronova (2011PhRvA..83a2503S), read in linemake.
W  Wood et al. (2013ApJS..208...27W), laboratory; read in linemake.

Lower-level energies of the lines (4179: I), and the terms of the ions, are those of P; G and the
NIST levels in Cloudy 17 (Ne I, O II, Si II, S II, S III) agree to 0.002 eV.  Ionisation energies
are NIST's, rounded, as in mendeleev 1.3 and carsus.  From 6 000 to 16 000 K the partition functions
agree with Irwin (1981ApJS...45..621I) to 3 per cent wherever the ion is not a trace, except Cr III
(5) and Fe II (4 at 8 000 K, 11 at 16 000 K), of which P has more levels.

How far lists differ tells how good they are: Fe II lines of low excitation by 0.1 to 0.3 dex (4520
by 0.6), of high excitation by 0.05 (5149 by 0.2), Cr II by up to 0.2, Si II by up to 0.13, S II and
Ne I by less than 0.1, S III by 0.2.  C II, C III, N II, Al III, Si III, Si IV and Fe III rest on P.

Not checked: the electron widths of helium and the Stark rates of Mg II and C II, see there.
Wavelengths in this table are in air, as the sources print them; the synthesiser converts.  Those of
Fe III are as first entered and agree with P to 0.02 A, the precision of P.
"""

from functools import cache

import numpy as np

from runaways.spectra.wavelengths import air_to_vacuum

# Number abundances relative to hydrogen, log n/n(H): Grevesse & Sauval (1998SSRv...85..161G), the
# scale of BSTAR2006 (Lanz & Hubeny 2007ApJS..169...83L), and He/H = 0.1 as there.
HELIUM_ABUNDANCE = 0.1
LOG_ABUNDANCE = {
    "He": -1.0, "C": -3.48, "N": -4.08, "O": -3.17, "Ne": -3.92, "Mg": -4.42, "Al": -5.53,
    "Si": -4.45, "S": -4.67, "Ca": -5.64, "Ti": -6.98, "Cr": -6.33, "Fe": -4.50,
}  # fmt: skip
ATOMIC_MASS = {
    "H": 1.008, "He": 4.003, "C": 12.011, "N": 14.007, "O": 15.999, "Ne": 20.18, "Mg": 24.305,
    "Al": 26.98, "Si": 28.086, "S": 32.06, "Ca": 40.08, "Ti": 47.87, "Cr": 52.0, "Fe": 55.845,
}  # fmt: skip

# element -> successive ions: (ionisation energy [eV] or None for the last, ((g, E [eV]), ...)).
# The low terms carry the partition function where the ion is not a trace; closed shells need only
# g = 1.  Energies are means over J.  For Ti, Cr and Fe, neighbouring terms are added up, at their
# mean energy: to 8 000 K (neutral), 16 000 K (II), 25 000 K (III) and 40 000 K (Fe IV) this holds
# 98 per cent of the sum over the levels in P that lie 0.6 eV or more below the limit.
IONS = {
    "H": [(13.598, ((2, 0.0), (8, 10.20))), (None, ((1, 0.0),))],
    "He": [
        (24.587, ((1, 0.0), (3, 19.82), (1, 20.62), (9, 20.96), (3, 21.22))),
        (54.418, ((2, 0.0),)),
        (None, ((1, 0.0),)),
    ],
    "C": [
        (11.260, ((9, 0.0), (5, 1.26), (1, 2.68), (5, 4.18))),
        (24.383, ((6, 0.01), (12, 5.34), (10, 9.29), (2, 11.96), (6, 13.72))),
        (47.888, ((1, 0.0), (9, 6.50), (3, 12.69), (9, 17.05))),
        (None, ((2, 0.0), (6, 8.00))),
    ],
    "N": [
        (14.534, ((4, 0.0), (10, 2.38), (6, 3.58))),
        (29.601, ((9, 0.01), (5, 1.90), (1, 4.05), (5, 5.80), (15, 11.44), (9, 13.54))),
        (47.445, ((6, 0.01), (12, 7.10), (10, 12.53))),
        (None, ((1, 0.0), (9, 8.35))),
    ],
    "O": [
        (13.618, ((9, 0.01), (5, 1.97), (1, 4.19), (5, 9.15))),
        (35.121, ((4, 0.0), (10, 3.33), (6, 5.02), (12, 14.87))),
        (54.936, ((9, 0.03), (5, 2.51), (1, 5.35), (5, 7.48))),
        (None, ((6, 0.03), (12, 8.88))),
    ],
    "Ne": [
        (21.565, ((1, 0.0), (12, 16.70), (36, 18.64))),
        (40.963, ((6, 0.03), (2, 26.91))),
        (None, ((9, 0.04), (5, 3.20))),
    ],
    "Mg": [
        (7.646, ((1, 0.0), (9, 2.71), (3, 4.35))),
        (15.035, ((2, 0.0), (6, 4.43), (2, 8.65), (10, 8.86), (6, 10.00), (10, 11.57))),
        (None, ((1, 0.0),)),
    ],
    "Al": [
        (5.986, ((6, 0.01),)),
        (18.829, ((1, 0.0), (9, 4.65), (3, 7.42))),
        (28.448, ((2, 0.0), (6, 6.68))),
        (None, ((1, 0.0),)),
    ],
    "Si": [
        (8.152, ((9, 0.02), (5, 0.78), (1, 1.91))),
        (16.346, ((6, 0.02), (12, 5.33), (10, 6.86), (2, 8.12), (2, 9.51), (10, 9.84), (6, 10.07),
                  (6, 10.41))),
        (33.493, ((1, 0.0), (9, 6.57), (3, 10.28), (5, 15.15), (9, 16.11), (15, 17.72))),
        (45.142, ((2, 0.0), (6, 8.88))),
        (None, ((1, 0.0),)),
    ],
    "S": [
        (10.360, ((9, 0.02), (5, 1.15), (1, 2.75))),
        (23.338, ((4, 0.0), (10, 1.84), (6, 3.04), (12, 9.87), (10, 12.14))),
        (34.86, ((9, 0.07), (5, 1.40), (1, 3.37), (5, 7.27))),
        (None, ((6, 0.08), (12, 8.90), (10, 11.67))),
    ],
    "Ca": [
        (6.113, ((1, 0.0), (9, 1.89))),
        (11.872, ((2, 0.0), (10, 1.70), (6, 3.14))),
        (None, ((1, 0.0),)),
    ],
    "Ti": [
        (6.828, ((21, 0.03), (35, 0.83), (5, 0.90), (9, 1.06), (30, 1.46), (87, 1.92), (156, 2.25),
                 (73, 2.62), (348, 3.42), (320, 4.25))),
        (13.576, ((28, 0.03), (28, 0.13), (14, 0.59), (40, 1.13), (18, 1.23), (50, 1.69), (6, 2.06),
                  (24, 2.81), (138, 3.93), (124, 5.26))),
        (None, ((21, 0.03), (5, 1.05), (9, 1.32), (9, 1.79), (1, 4.03), (20, 4.85), (60, 9.78))),
    ],
    "Cr": [
        (6.767, ((7, 0.0), (30, 0.99), (245, 2.94), (283, 3.67), (254, 4.40), (1149, 5.62))),
        (16.486, ((6, 0.0), (30, 1.52), (68, 2.55), (102, 3.63), (198, 4.18), (172, 5.26),
                  (208, 6.47), (400, 8.16), (866, 9.85))),
        (None, ((25, 0.04), (63, 2.21), (64, 2.93), (6, 3.89), (37, 5.23), (65, 6.48), (122, 8.53),
                (47, 10.06), (364, 12.95))),
    ],
    "Fe": [
        (7.902, ((25, 0.05), (35, 0.92), (21, 1.54), (92, 2.38), (245, 2.97), (142, 3.64),
                 (239, 4.38))),
        (16.199, ((30, 0.05), (28, 0.30), (20, 1.03), (30, 1.87), (38, 2.52), (154, 2.93),
                  (92, 3.86), (70, 4.57), (184, 5.64), (352, 7.36), (390, 8.22))),
        (30.651, ((25, 0.05), (63, 2.56), (47, 3.37), (30, 3.94), (42, 5.94), (69, 7.85),
                  (312, 10.11), (93, 11.91))),
        (None, ((6, 0.0), (48, 4.10), (46, 5.39), (92, 6.70), (16, 7.67), (28, 9.89), (16, 13.04),
                (50, 16.42), (256, 19.99))),
    ],
}  # fmt: skip

# Balmer lines: upper level -> (air wavelength [A], f).  Wavelengths: P; f: Menzel & Pekeris (1935).
BALMER = {
    3: (6562.80, 0.6407), 4: (4861.325, 0.1193), 5: (4340.463, 0.04467), 6: (4101.735, 0.02209),
    7: (3970.072, 0.01270), 8: (3889.049, 0.008036), 9: (3835.384, 0.005429),
}  # fmt: skip

# He I and He II: lambda, log gf, E_low, electron half width at half maximum [A] at 1e16 cm^-3 and
# 20 000 K.  log gf of He I: sums over fine structure of P; of He II: the hydrogenic sum over l, by
# quadrature, which also gives the f of `BALMER`.  Half widths: after Griem (1974, Spectral line
# broadening by plasmas), rounded, not checked.  The electron widths of Dimitrijevic &
# Sahal-Brechot (1984JQSRT..31..301D), as Synspec 54 tabulates them, are 0.5 (4471) to 1.0 (4169)
# of these, and 2.9 at 4009.  The diffuse lines are treated as isolated, without their forbidden
# components, which is one reason why He I is only good to about 20 per cent.
HELIUM_LINES = """
He 1 3926.53  -1.648 21.218 15.0
He 1 3964.73  -1.295 20.616  0.85
He 1 4009.26  -1.473 21.218 10.0
He 1 4026.20  -0.374 20.964  3.3
He 1 4120.82  -1.486 20.964  1.0
He 1 4143.76  -1.195 21.218  6.5
He 1 4168.97  -2.338 21.218  3.5
He 1 4387.93  -0.883 21.218  4.0
He 1 4437.55  -2.034 21.218  1.8
He 1 4471.48  -0.008 20.964  1.5
He 1 4471.68  -0.909 20.964  1.5
He 1 4713.15  -0.976 20.964  0.43
He 1 4921.93  -0.435 21.218  1.75
He 1 5015.68  -0.820 20.616  0.35
He 1 5047.74  -1.602 21.218  0.80
He 1 6678.15   0.329 21.218  0.40
He 2 4199.83  -0.582 51.017 15.0
He 2 4541.59  -0.223 51.017 10.0
He 2 4685.71   1.181 48.372  0.75
He 2 4859.32   0.014 51.017  5.0
He 2 6560.10   0.759 51.017  3.0
"""

# ion, lambda(air) [A], log gf, E_low [eV], source letter.
METAL_LINES = """
C 2 3918.968 -0.533 16.332 P;C 2 3920.681 -0.232 16.333 P;C 2 4267.001 0.563 18.046 P
C 2 4267.183 0.708 18.046 P;C 2 5032.128 -0.143 20.922 P;C 2 5035.943 -0.399 20.920 P
C 2 5132.947 -0.211 20.701 P;C 2 5133.282 -0.178 20.704 P;C 2 5143.495 -0.212 20.704 P
C 2 5145.165 0.189 20.710 P;C 2 5151.085 -0.179 20.710 P;C 2 6461.950 0.048 20.951 P
C 2 6462.130 0.158 20.951 P;C 2 6578.050 -0.021 14.449 P;C 2 6582.880 -0.323 14.449 P
C 3 4647.418 0.070 29.535 P;C 3 4650.246 -0.151 29.535 P;C 3 4651.473 -0.629 29.535 P
N 2 3994.997 0.163 18.497 P;N 2 4447.030 0.221 20.409 P;N 2 4601.478 -0.452 18.466 P
N 2 4607.153 -0.522 18.462 P;N 2 4613.868 -0.693 18.466 P;N 2 4621.393 -0.539 18.466 P
N 2 4630.539 0.080 18.483 P;N 2 4643.086 -0.371 18.483 P;N 2 4803.287 -0.115 20.665 P
N 2 4994.370 -0.098 20.940 P;N 2 5001.134 0.257 20.646 P;N 2 5001.474 0.435 20.654 P
N 2 5005.150 0.587 20.665 P;N 2 5007.328 0.145 20.940 P;N 2 5045.099 -0.413 18.483 P
N 2 6482.049 -0.311 18.497 P;N 2 6610.560 0.440 21.600 P;O 2 4069.623 0.149 25.631 N
O 2 4069.882 0.343 25.638 N;O 2 4072.153 0.551 25.650 N;O 2 4075.862 0.693 25.665 N
O 2 4078.842 -0.284 25.638 N;O 2 4085.112 -0.189 25.650 N;O 2 4092.929 -0.308 25.665 N
O 2 4104.990 -0.015 25.837 N;O 2 4119.217 0.452 25.849 N;O 2 4132.800 -0.065 25.832 N
O 2 4153.298 0.053 25.837 N;O 2 4185.440 0.603 28.358 N;O 2 4189.788 0.717 28.361 N
O 2 4317.139 -0.386 22.966 N;O 2 4319.630 -0.381 22.979 N;O 2 4345.560 -0.347 22.979 N
O 2 4347.413 0.024 25.661 N;O 2 4349.426 0.060 22.999 N;O 2 4351.260 0.226 25.661 N
O 2 4366.895 -0.348 22.999 N;O 2 4395.935 -0.168 26.249 N;O 2 4414.899 0.172 23.442 N
O 2 4416.975 -0.077 23.419 N;O 2 4590.974 0.350 25.661 N;O 2 4596.177 0.200 25.661 N
O 2 4638.856 -0.332 22.966 N;O 2 4641.810 0.055 22.979 N;O 2 4649.135 0.308 22.999 N
O 2 4650.838 -0.362 22.966 N;O 2 4661.632 -0.279 22.979 N;O 2 4676.235 -0.394 22.999 N
O 2 4699.218 0.269 26.225 N;O 2 4705.346 0.477 26.249 N;O 2 4906.830 -0.161 26.305 N
O 2 4924.529 0.074 26.305 N;O 2 4941.072 -0.053 26.554 N;O 2 4943.005 0.239 26.561 N
O 2 5206.651 -0.267 26.561 N;Ne 1 6382.992 -0.230 16.671 N;Ne 1 6402.248 0.345 16.619 N
Ne 1 6506.529 -0.021 16.671 N;Ne 1 6598.953 -0.343 16.848 N;Ne 1 6678.277 -0.108 16.848 N
Ne 1 6717.044 -0.356 16.848 N;Mg 1 5167.321 -0.854 2.709 R;Mg 1 5172.684 -0.363 2.712 R
Mg 1 5183.604 -0.168 2.717 R;Mg 2 4384.637 -0.790 9.996 G;Mg 2 4390.572 -0.530 9.999 G
Mg 2 4427.994 -1.210 9.996 G;Mg 2 4433.988 -0.910 9.999 G;Mg 2 4481.126 0.740 8.864 G
Mg 2 4481.150 -0.560 8.864 G;Mg 2 4481.325 0.590 8.864 G;Mg 2 5264.220 -0.380 11.569 G
Mg 2 6545.942 0.040 11.630 G;Mg 2 6545.994 0.150 11.630 G;Al 2 4663.046 -0.284 10.598 G
Al 3 4512.565 0.419 17.808 P;Al 3 4529.189 0.671 17.818 P;Si 2 4128.054 0.359 9.837 P
Si 2 4130.894 0.552 9.839 P;Si 2 5041.024 0.150 10.066 G;Si 2 5055.984 0.520 10.074 G
Si 2 5056.316 -0.359 10.074 G;Si 2 6347.109 0.182 8.121 G;Si 2 6371.372 -0.120 8.121 G
Si 2 6660.530 0.162 14.503 P;Si 2 6671.840 0.409 14.528 P;Si 3 4552.622 0.292 19.016 P
Si 3 4567.840 0.070 19.016 P;Si 3 4574.757 -0.410 19.016 P;Si 3 4716.654 0.489 25.334 P
Si 3 4813.333 0.708 25.979 P;Si 3 4819.712 0.823 25.982 P;Si 3 4828.950 0.937 25.987 P
Si 4 4088.862 0.194 24.050 P;Si 4 4116.103 -0.110 24.050 P;S 2 4142.259 0.277 15.848 P
S 2 4145.060 0.532 15.867 P;S 2 4153.068 0.707 15.899 P;S 2 4162.665 0.844 15.944 P
S 2 4174.265 0.841 17.397 P;S 2 4294.402 0.587 16.135 P;S 2 4815.552 0.123 13.672 P
S 2 4917.198 -0.306 14.002 P;S 2 4925.343 -0.159 13.584 P;S 2 4991.969 -0.359 13.617 P
S 2 5009.567 -0.184 13.617 P;S 2 5014.042 0.112 14.067 P;S 2 5032.434 0.238 13.672 P
S 2 5103.332 -0.386 13.672 P;S 2 5201.027 0.139 15.068 P;S 2 5212.620 0.373 15.068 P
S 2 5320.723 0.496 15.068 P;S 3 4253.499 0.071 18.244 F;S 3 4284.904 -0.273 18.193 F
Ca 2 3933.663 0.113 0.000 S;Ca 2 3968.469 -0.192 0.000 S;Ti 2 4163.644 -0.130 2.590 W
Ti 2 4290.215 -0.870 1.165 W;Ti 2 4300.042 -0.460 1.180 W;Ti 2 4395.031 -0.540 1.084 W
Ti 2 4443.801 -0.710 1.080 W;Ti 2 4468.493 -0.630 1.131 W;Ti 2 4501.270 -0.770 1.116 W
Ti 2 4533.960 -0.530 1.237 G;Ti 2 4549.622 -0.220 1.584 W;Ti 2 4563.757 -0.690 1.221 G
Ti 2 4571.971 -0.310 1.572 W;Ti 2 4911.194 -0.640 3.124 W;Ti 2 5129.156 -1.340 1.892 W
Ti 2 5188.687 -1.050 1.582 G;Ti 2 5226.539 -1.260 1.566 G;Cr 2 4242.366 -1.190 3.871 C
Cr 2 4558.644 -0.430 4.073 C;Cr 2 4588.198 -0.650 4.071 C;Cr 2 4618.807 -0.890 4.073 C
Cr 2 4634.073 -1.050 4.072 C;Cr 2 4824.131 -0.920 3.871 C;Cr 2 4848.250 -1.110 3.864 C
Cr 2 5237.322 -1.170 4.073 C;Cr 2 5274.975 -1.380 4.071 C;Fe 2 4173.450 -2.380 2.583 D
Fe 2 4178.855 -2.440 2.583 I;Fe 2 4233.163 -2.020 2.583 D;Fe 2 4303.168 -2.520 2.704 D
Fe 2 4351.763 -1.950 2.704 D;Fe 2 4385.379 -2.640 2.778 D;Fe 2 4416.818 -2.570 2.778 D
Fe 2 4508.281 -2.420 2.856 D;Fe 2 4515.333 -2.450 2.844 G;Fe 2 4520.218 -2.600 2.807 G
Fe 2 4522.628 -2.290 2.844 D;Fe 2 4549.467 -1.920 2.828 D;Fe 2 4555.887 -2.160 2.828 G
Fe 2 4583.829 -1.940 2.807 D;Fe 2 4629.331 -2.330 2.807 G;Fe 2 4923.921 -1.260 2.891 G
Fe 2 5001.953 0.916 10.273 G;Fe 2 5004.188 0.504 10.273 G;Fe 2 5018.436 -1.100 2.891 G
Fe 2 5030.632 0.431 10.288 G;Fe 2 5035.700 0.632 10.288 G;Fe 2 5061.709 0.284 10.308 G
Fe 2 5070.896 0.268 10.308 G;Fe 2 5097.274 0.315 10.379 G;Fe 2 5100.734 0.718 10.381 G
Fe 2 5144.352 0.307 10.467 G;Fe 2 5149.462 0.554 10.448 G;Fe 2 5169.028 -1.000 2.891 G
Fe 2 5197.567 -2.220 3.230 G;Fe 2 5227.485 0.846 10.451 G;Fe 2 5234.623 -2.180 3.221 G
Fe 2 5247.956 0.550 10.531 G;Fe 2 5260.254 1.065 10.419 G;Fe 2 5275.997 -1.940 3.199 G
Fe 2 5291.661 0.544 10.480 G;Fe 2 5316.609 -1.870 3.153 G;Fe 2 6456.379 -2.185 3.903 G
Fe 3 4395.755 -2.587 8.256 P;Fe 3 4419.596 -2.209 8.241 P;Fe 3 4431.019 -2.575 8.248 P
Fe 3 5073.903 -2.530 8.653 P;Fe 3 5127.387 -2.193 8.659 P;Fe 3 5156.111 -1.993 8.641 P
Fe 3 5235.658 -0.169 18.266 P;Fe 3 5243.306 0.344 18.270 P;Fe 3 5276.476 -0.062 18.264 P
Fe 3 5282.297 0.048 18.266 P;Fe 3 5299.926 -0.227 18.261 P
"""

# Stark damping rates per electron [log10 s^-1 cm^3] where the generic formula is too small:
# 4f-type levels of Mg II and C II (after Dimitrijevic & Sahal-Brechot, STARK-B; not checked).
STARK_RATE = {("Mg", 1, 4481): -4.65, ("C", 1, 4267): -4.75}

LINE_DTYPE = [
    ("element", "U2"), ("charge", "i4"), ("wave", "f8"), ("log_gf", "f8"), ("energy", "f8"),
    ("half_width", "f8"), ("log_stark", "f8"),
]  # fmt: skip


def _generic_stark_rate(element: str, charge: int, wave: float, energy: float) -> float:
    """Log of the Stark damping rate per electron: 1e-8 n_eff^5 of the upper level (Kurucz)."""
    binding = IONS[element][charge][0] - energy - 12398.42 / wave
    n_eff_squared = 13.6 * (charge + 1) ** 2 / max(binding, 0.3)
    return -8.0 + 2.5 * np.log10(n_eff_squared)


@cache
def line_list() -> np.ndarray:
    """Lines of helium and the metals, in vacuum, sorted by wavelength.

    Returns
    -------
    numpy.ndarray, shape (n_lines,)
        Fields ``element``, ``charge`` (0 for neutral), ``wave`` [A, vacuum], ``log_gf``, ``energy``
        [eV] of the lower level, ``half_width`` [A at 1e16 electrons cm^-3; nan for metals] and
        ``log_stark`` [log10 s^-1 cm^3; nan for helium].

    References
    ----------
    The module's docstring; generic Stark rates as in Kurucz & Avrett (1981, SAO Spec. Rep. 391).
    """
    rows = []
    for text in HELIUM_LINES.split("\n"):
        if text.strip():
            element, stage, wave, gf, energy, width = text.split()
            rows.append((element, int(stage) - 1, float(wave), float(gf), float(energy),
                         float(width), np.nan))  # fmt: skip
    for text in METAL_LINES.replace("\n", ";").split(";"):
        if text.strip():
            element, stage, wave, gf, energy, _ = text.split()
            charge, wave, energy = int(stage) - 1, float(wave), float(energy)
            rate = STARK_RATE.get((element, charge, int(wave)))
            if rate is None:
                rate = _generic_stark_rate(element, charge, wave, energy)
            rows.append((element, charge, wave, float(gf), energy, np.nan, rate))
    table = np.array(rows, dtype=LINE_DTYPE)
    table["wave"] = air_to_vacuum(table["wave"])
    return np.sort(table, order="wave")
