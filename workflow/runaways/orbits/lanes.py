"""Many orbits at once, each with steps of its own, through an axisymmetric Galaxy.

DOP853 (`dop853`) for `LANES` orbits side by side, so that one instruction of the processor serves
several of them; a lane whose orbit has ended takes the next one. No lane knows of another and no
sum runs across them: an orbit's bits depend on nothing but itself. Natural units throughout,
Cartesian; velocities are those of the orbit run backwards, so that time grows.
"""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from runaways.orbits import dop853

# orbits side by side; the fastest of 8 to 96, with AVX-512: no power of two, whose rows would
# share lines of the cache
LANES = 72
MAX_STEPS = 100_000  # of one orbit; assumed: some hundred times what 13 Gyr in the disk take
FIRST_STEP = 0.1  # natural units
# an extremum lies between two of so many parts of a step, each smaller than any turn of an orbit
PARTS = 4
REFINEMENTS = 4  # steps of the secant: they square the error, and an extremum is flat
# A step from far above the thin disk to far below does not see it: an orbit whose drift, relative,
# is more is traced again, so many times as closely, down to what the arithmetic leaves.
RETRACED, CLOSER, LEAST_TOLERANCE = 1e-6, 1000, 1e-13
LZ_WEIGHT = 10  # of L_z less drift is allowed: `conservation`

# Cells of the force tables: lowest and highest x, log2 of the number of cells in each doubling of
# it. Of a sphere x is the distance squared, of a plane it is R or |z| plus the lowest.
SPHERE = (2.0**-40, 2.0**24, 6)
PLANE = (2.0**-6, 2.0**11, 2)
# coefficients of the polynomials of a cell: in x of a sphere, in both R and |z| of a plane
SPHERE_TERMS, PLANE_TERMS = 4, 8
# what `trace` finds of each orbit
QUANTITIES = ("drift", "r_peri", "r_apo", "z_max", "crossings")


def _all_weights():
    """Weights over all stages: rows of the stages, of the errors and of the dense output."""
    rows = [{}, *dop853.STAGES.values(), *dop853.ERROR.values(), *dop853.DENSE.values()]
    weights = np.zeros((len(rows), EXTRA))
    for row, terms in zip(weights, rows):
        row[list(terms)] = list(terms.values())
    return weights


def _packed(rows):
    """Rows of weights as three arrays: where each row starts, columns, weights.

    A row is filled up to a multiple of four terms, no less than four, by zeros times column 0.
    """
    start, columns, weights = [0], [], []
    for row in rows:
        used = np.flatnonzero(row)
        filled = np.append(used, np.zeros(max(4 - len(used), -len(used) % 4), int))
        columns += filled.tolist()
        weights += np.where(np.arange(len(filled)) < len(used), row[filled], 0).tolist()
        start.append(len(columns))
    return np.array(start), np.array(columns), np.array(weights)


# Forces do not depend on velocities, so that these need not be kept at the stages: with
# v_j = v + h sum(a_ji f_i), a sum of w_j v_j is one of w_j times v and one of (w a)_i h f_i.
END, EXTRA = 12, 16  # stages of a step, and with those of the dense output
ERROR_5, ERROR_3, DENSE = 16, 17, 18  # rows beyond those of the stages
_OF_FORCES = _all_weights()
_OF_PLACES = _OF_FORCES @ _OF_FORCES[:EXTRA]
SHARE = _OF_FORCES.sum(axis=1)  # of the velocity
START, COLUMN, WEIGHT = _packed([*_OF_PLACES, *_OF_FORCES])
FORCES = len(_OF_FORCES)  # from this row on weights are those of forces, before it of places
POWERS = 7  # of the dense output
FRACTION = (1 << 52) - 1
ONE = 0x3FF << 52  # bits of 1.0


def _kept(function):
    """Compile a function, and keep what is compiled where any folder for it can be written.

    That is `__pycache__` beside this file, or NUMBA_CACHE_DIR, or one in the home folder. It is
    written in one move: jobs that start at once each compile, and leave one file whole.
    """
    try:
        return njit(error_model="numpy", cache=True)(function)
    except RuntimeError:  # no locator available
        return njit(error_model="numpy")(function)


@intrinsic
def _bits(typingctx, x):
    """Bits of a float64 as an int64."""

    def cast(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), cast


@intrinsic
def _float(typingctx, x):
    """The float64 with the bits of an int64."""

    def cast(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), cast


@njit(error_model="numpy", inline="always")
def _within(x, grid):
    # written so that NaN, of a step much too long, is in the first cell, too
    x = x if x > grid[0] else grid[0]
    return x if x < grid[1] * (1 - 1e-15) else grid[1] * (1 - 1e-15)


@njit(error_model="numpy", inline="always")
def _cell(x, grid):
    """Number of the cell that x is in."""
    shift = 52 - grid[2]
    return (_bits(x) >> shift) - (_bits(grid[0]) >> shift)


@njit(error_model="numpy", inline="always")
def _place(x, grid):
    """Where x is in its cell, from 0 to 1."""
    return _float(((_bits(x) << grid[2]) & FRACTION) | ONE) - 1.0


@njit(error_model="numpy")
def _room(quantities):
    """Zeros for all lanes, from a multiple of 64 bytes on: elsewhere vectors cost twice as much."""
    room = np.zeros(quantities * LANES + 8)
    skipped = (-room.ctypes.data % 64) // 8
    return room[skipped : skipped + quantities * LANES]


@njit(error_model="numpy")
def _disk_and_sphere(disk, sphere, w, k, stage, cell, pull):
    """Accelerations of all lanes: a Miyamoto-Nagai disk and one sphere.

    Miyamoto & Nagai 1975, PASJ 27, 533 (1975PASJ...27..533M), eq. 4.
    """
    amplitude, length, height2 = disk[0], disk[1], disk[2]
    for i in range(LANES):
        x, y, z = w[i], w[LANES + i], w[2 * LANES + i]
        cell[i] = _cell(_within(x * x + y * y + z * z, SPHERE), SPHERE)
    for i in range(LANES):
        one = sphere[cell[i]]
        pull[4 * i] = one[0, 0]
        pull[4 * i + 1] = one[0, 1]
        pull[4 * i + 2] = one[0, 2]
        pull[4 * i + 3] = one[0, 3]
    for i in range(LANES):
        x, y, z = w[i], w[LANES + i], w[2 * LANES + i]
        flat2, z2 = x * x + y * y, z * z
        f = _place(_within(flat2 + z2, SPHERE), SPHERE)
        inward = pull[4 * i + 2] + f * pull[4 * i + 3]
        inward = pull[4 * i] + f * (pull[4 * i + 1] + f * inward)
        root = np.sqrt(z2 + height2)
        s = length + root
        d2 = flat2 + s * s
        q = amplitude / (d2 * np.sqrt(d2) * root)
        across = root * q + inward
        k[stage, i] = -x * across
        k[stage, LANES + i] = -y * across
        k[stage, 2 * LANES + i] = -z * (s * q + inward)


@njit(error_model="numpy")
def _meridional(plane, w, k, stage, room):
    """Add the accelerations of all lanes by tables over R and |z|."""
    for i in range(LANES):
        x, y, z = w[i], w[LANES + i], w[2 * LANES + i]
        u = _within(np.sqrt(x * x + y * y) + PLANE[0], PLANE)
        v = _within(abs(z) + PLANE[0], PLANE)
        cell = plane[_cell(u, PLANE), _cell(v, PLANE)]
        u, v = _place(u, PLANE), _place(v, PLANE)
        across = _surface(cell[0], u, v, room)
        k[stage, i] -= x * across
        k[stage, LANES + i] -= y * across
        k[stage, 2 * LANES + i] -= z * _surface(cell[1], u, v, room)


@njit(error_model="numpy")
def _surface(c, u, v, room):
    """A polynomial in u and v; coefficients of shape (8, 8), powers of u along the first axis."""
    for j in range(PLANE_TERMS):
        room[j] = c[PLANE_TERMS - 1, j]
    for i in range(PLANE_TERMS - 2, -1, -1):
        for j in range(PLANE_TERMS):
            room[j] = room[j] * u + c[i, j]
    total = room[PLANE_TERMS - 1]
    for j in range(PLANE_TERMS - 2, -1, -1):
        total = total * v + room[j]
    return total


@njit(error_model="numpy")
def _accelerate(disk, sphere, plane, w, k, stage, cell, pull):
    """Accelerations of all lanes at places w, shape (3 LANES,), into a row of k."""
    _disk_and_sphere(disk, sphere, w, k, stage, cell, pull)
    if len(plane):
        _meridional(plane, w, k, stage, pull)


@njit(error_model="numpy")
def _potential(disk, sphere, plane, x, y, z):
    flat2 = x * x + y * y
    r2 = _within(flat2 + z * z, SPHERE)
    c, f = sphere[_cell(r2, SPHERE), 1], _place(r2, SPHERE)
    s = disk[1] + np.sqrt(z * z + disk[2])
    total = c[0] + f * (c[1] + f * (c[2] + f * c[3])) - disk[0] / np.sqrt(flat2 + s * s)
    if len(plane):
        u = _within(np.sqrt(flat2) + PLANE[0], PLANE)
        v = _within(abs(z) + PLANE[0], PLANE)
        c = plane[_cell(u, PLANE), _cell(v, PLANE), 2]
        total += _surface(c, _place(u, PLANE), _place(v, PLANE), np.empty(PLANE_TERMS))
    return total


@njit(error_model="numpy")
def _sum(row, k, out):
    """Weighted sum of the accelerations k, shape (16, 3 LANES)."""
    for p in range(START[row], START[row + 1], 4):
        w0, w1, w2, w3 = WEIGHT[p], WEIGHT[p + 1], WEIGHT[p + 2], WEIGHT[p + 3]
        c0, c1, c2, c3 = COLUMN[p], COLUMN[p + 1], COLUMN[p + 2], COLUMN[p + 3]
        if p == START[row]:
            for i in range(3 * LANES):
                out[i] = w0 * k[c0, i] + w1 * k[c1, i] + w2 * k[c2, i] + w3 * k[c3, i]
        else:
            for i in range(3 * LANES):
                out[i] += w0 * k[c0, i] + w1 * k[c1, i] + w2 * k[c2, i] + w3 * k[c3, i]


@njit(error_model="numpy")
def _step(disk, sphere, plane, y, k, h, first, last, w, cell, pull):
    """Stages first to last - 1 of a step; w, shape (3 LANES,), are the places at the last."""
    for stage in range(first, last):
        _sum(stage, k, w)
        share = SHARE[stage]
        for i in range(3 * LANES):
            w[i] = y[i] + h[i] * (share * y[3 * LANES + i] + h[i] * w[i])
        _accelerate(disk, sphere, plane, w, k, stage, cell, pull)


@njit(error_model="numpy")
def _finish(y, k, h, w, new):
    """States at the end of a step: places are there, velocities follow."""
    _sum(FORCES + END, k, w)
    for i in range(3 * LANES):
        new[3 * LANES + i] = y[3 * LANES + i] + h[i] * w[i]


@njit(error_model="numpy", inline="always")
def _square(v, q):
    """Square of a vector whose first component is at q."""
    x, y, z = v[q], v[q + LANES], v[q + 2 * LANES]
    return x * x + y * y + z * z


@njit(error_model="numpy")
def _error(k, h, tolerance, five, three, error):
    """Estimated error of a step over what is allowed; Hairer, Norsett & Wanner, II.10.

    Both shares of the velocity are 0; five and three are room for (6 LANES,).
    """
    _sum(ERROR_5, k, five[: 3 * LANES])
    _sum(FORCES + ERROR_5, k, five[3 * LANES :])
    _sum(ERROR_3, k, three[: 3 * LANES])
    _sum(FORCES + ERROR_3, k, three[3 * LANES :])
    for i in range(LANES):
        h2 = h[i] * h[i]
        fifth = _square(five, i) * h2 + _square(five, 3 * LANES + i)
        third = _square(three, i) * h2 + _square(three, 3 * LANES + i)
        both = fifth + 0.01 * third
        both = both if both > 1e-300 else 1e-300
        error[i] = h[i] * fifth / (tolerance[i] * np.sqrt(both * 6.0))


@njit(error_model="numpy")
def _limit(h, t, end, full):
    """Length of a step of each lane, three times."""
    for c in range(3):
        for i in range(LANES):
            left = end[i] - t[i]
            full[c * LANES + i] = h[i] if h[i] < left else left


@njit(error_model="numpy")
def _judge(t, full, end, error, due, once, halted, h, late, steps):
    """Length of each lane's next step, where this one ends, and what is to be done.

    Returns whether a lane is inside a step where a state or extremes are asked for, and whether
    one is at its end.
    """
    dense, ended = False, False
    for i in range(LANES):
        # the estimate is of order 7; a step that gave NaN was much too long
        factor = 0.85 / np.sqrt(np.sqrt(np.sqrt(error[i] + 1e-12)))
        factor = factor if factor > 0.2 else 0.2
        h[i] = full[i] * (factor if factor < 6.0 else 6.0)
        late[i] = end[i] if full[i] == end[i] - t[i] else t[i] + full[i]
        steps[i] += 1
        good = error[i] < 1.0
        dense |= good & ((due[i] < late[i]) | (once[i] < late[i]) | (t[i] < halted[i]))
        ended |= (good & (late[i] == end[i])) | (steps[i] > MAX_STEPS)
    return dense, ended


@njit(error_model="numpy")
def _accept(late, new, error, t, y, k):
    """Go on where the error is small enough."""
    for c in range(3):
        for i in range(LANES):
            if error[i] < 1.0:
                y[c * LANES + i] = new[c * LANES + i]
                y[(3 + c) * LANES + i] = new[(3 + c) * LANES + i]
                k[0, c * LANES + i] = k[END, c * LANES + i]
    for i in range(LANES):
        t[i] = late[i] if error[i] < 1.0 else t[i]


@njit(error_model="numpy")
def _interpolate(y, new, k, h, f):
    """Polynomials of the dense output, f of shape (7, 6 LANES)."""
    for i in range(3 * LANES):
        j = 3 * LANES + i
        change = new[i] - y[i]
        f[0, i] = change
        f[1, i] = h[i] * y[j] - change
        f[2, i] = 2 * change - h[i] * (new[j] + y[j])
        change = new[j] - y[j]
        f[0, j] = change
        f[1, j] = h[i] * k[0, i] - change
        f[2, j] = 2 * change - h[i] * (k[END, i] + k[0, i])
    for power in range(3, POWERS):
        row = DENSE + power - 3
        _sum(row, k, f[power, : 3 * LANES])
        _sum(FORCES + row, k, f[power, 3 * LANES :])
        share = SHARE[row]
        for i in range(3 * LANES):
            f[power, i] = h[i] * (share * y[3 * LANES + i] + h[i] * f[power, i])
            f[power, 3 * LANES + i] *= h[i]


@njit(error_model="numpy", inline="always")
def _at(y, f, i, c, x):
    """Component c of lane i at fraction x of its step."""
    q, rest = c * LANES + i, 1.0 - x
    value = f[5, q] + x * f[6, q]
    value = f[4, q] + rest * value
    value = f[3, q] + x * value
    value = f[2, q] + rest * value
    value = f[1, q] + x * value
    value = f[0, q] + rest * value
    return y[q] + x * value


@njit(error_model="numpy")
def _rates(y, f, i, x):
    """Of lane i at fraction x: half the change of r^2 with time, z, its change."""
    z, v_z = _at(y, f, i, 2, x), _at(y, f, i, 5, x)
    radial = _at(y, f, i, 0, x) * _at(y, f, i, 3, x) + _at(y, f, i, 1, x) * _at(y, f, i, 4, x)
    return radial + z * v_z, z, v_z


@njit(error_model="numpy")
def _turn(y, f, i, radial, left, right, at_left, at_right):
    """Where between two fractions of a step r (else z) turns."""
    x = left
    for _ in range(REFINEMENTS):
        x = left - at_left * (right - left) / (at_right - at_left)
        rates = _rates(y, f, i, x)
        rate = rates[0] if radial else rates[2]
        # Illinois: the end that stays counts half
        if rate * at_right <= 0:
            left, at_left = right, at_right
        else:
            at_left *= 0.5
        right, at_right = x, rate
        if at_right == at_left:
            break
    return x


@njit(error_model="numpy")
def _distance(y, f, i, x):
    a, b, c = _at(y, f, i, 0, x), _at(y, f, i, 1, x), _at(y, f, i, 2, x)
    return np.sqrt(a * a + b * b + c * c)


@njit(error_model="numpy")
def _extremes(y, f, i, until, found):
    """Take the turns of lane i's step, up to a fraction of it, into its row of quantities."""
    before = _rates(y, f, i, 0.0)
    for part in range(PARTS):
        left, right = until * (part / PARTS), until * ((part + 1) / PARTS)
        now = _rates(y, f, i, right)
        if before[0] * now[0] < 0:
            r = _distance(y, f, i, _turn(y, f, i, True, left, right, before[0], now[0]))
            found[1], found[2] = min(found[1], r), max(found[2], r)
        if before[2] * now[2] < 0:
            x = _turn(y, f, i, False, left, right, before[2], now[2])
            found[3] = max(found[3], abs(_at(y, f, i, 2, x)))
        if before[1] * now[1] < 0:
            found[4] += 1
        before = now
    if until < 1:
        r = _distance(y, f, i, until)
        found[1], found[2] = min(found[1], r), max(found[2], r)
        found[3] = max(found[3], abs(before[1]))


@njit(error_model="numpy")
def _ends(state, found):
    """Take an end of an orbit into its row of quantities."""
    r = np.sqrt(state[0] * state[0] + state[1] * state[1] + state[2] * state[2])
    found[1], found[2] = min(found[1], r), max(found[2], r)
    found[3] = max(found[3], abs(state[2]))


@njit(error_model="numpy")
def _energy(disk, sphere, plane, s):
    kinetic = (s[3] * s[3] + s[4] * s[4] + s[5] * s[5]) / 2
    return kinetic + _potential(disk, sphere, plane, s[0], s[1], s[2])


@njit(error_model="numpy")
def _drift(disk, sphere, plane, start, last):
    """The larger relative change along an orbit: of its energy, or of L_z with its weight.

    Where one is close to 0 the change is relative to a tenth of the Sun's.
    """
    energy = _energy(disk, sphere, plane, start)
    change = abs(_energy(disk, sphere, plane, last) - energy) / max(abs(energy), 0.1)
    l_z = start[0] * start[4] - start[1] * start[3]
    turn = abs(last[0] * last[4] - last[1] * last[3] - l_z) / max(abs(l_z), 0.1)
    return max(change, turn * LZ_WEIGHT)


@_kept
def potential(disk, sphere, plane, r, z, out):
    """The potential at R and z, shape (n,) each, into out."""
    for i in range(len(r)):
        out[i] = _potential(disk, sphere, plane, r[i], 0.0, z[i])


@_kept
def trace(
    disk, sphere, plane, order, start, times, first, also, until, tolerance, out, beside, found
):
    """Orbits from their starts on.

    Parameters
    ----------
    disk, sphere, plane : ndarray
        As of `force_table.ForceTable`.
    order : ndarray of int, shape (n,)
        In which orbits are begun, which changes none of them; the longest first leave few lanes
        idle at the end. Written over.
    start : ndarray, shape (n, 6)
        Finite.
    times : ndarray, shape (m,)
        When states are asked for, those of one orbit after those of another, rising from 0.
    first : ndarray of int, shape (n + 1,)
        Where those of each orbit begin.
    also : ndarray, shape (n,)
        When one more state of each orbit is asked for, before the last of its times or after it;
        not where negative.
    until : ndarray, shape (n,)
        Up to when the extremes of an orbit are sought; not where 0.
    tolerance : ndarray, shape (n,)
        Of the steps of each orbit, relative and absolute; its `CLOSER`-th part where the orbit
        drifts by more than `RETRACED`.
    out : ndarray, shape (m, 6)
        Takes the states; NaN for an orbit that takes more than `MAX_STEPS`.
    beside : ndarray, shape (n, 6)
        Takes those at `also`.
    found : ndarray, shape (n, 5)
        Takes `QUANTITIES`; all but the first up to `until`.

    Returns
    -------
    int
        Steps of all lanes.
    """
    n, taken, following, running = len(start), 0, 0, 0
    y, new, w, full = _room(6), _room(6), _room(6), _room(3)
    k, f = _room(3 * EXTRA).reshape(EXTRA, -1), _room(6 * POWERS).reshape(POWERS, -1)
    t, end, halted, due = _room(1), _room(1), _room(1), _room(1)
    once, error, late, h, allowed = _room(1), _room(1), _room(1), _room(1), _room(1)
    pull, cell = _room(4), np.zeros(LANES, np.uint64)
    orbit, output, steps = np.full(LANES, -1), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    closely = np.zeros(n, np.bool_)
    y[: 3 * LANES] = 1.0
    ended = True
    while True:
        if ended:
            running = 0
            for i in range(LANES):
                while orbit[i] < 0 and following < n:
                    o = order[following]
                    following += 1
                    found[o] = 0.0
                    found[o, 1] = np.inf
                    _ends(start[o], found[o])
                    output[i] = first[o]
                    while output[i] < first[o + 1] and times[output[i]] <= 0:
                        out[output[i]] = start[o]
                        output[i] += 1
                    if also[o] == 0:
                        beside[o] = start[o]
                    due[i] = times[output[i]] if output[i] < first[o + 1] else np.inf
                    once[i] = also[o] if also[o] > 0 else np.inf
                    end[i] = max(times[first[o + 1] - 1], also[o])
                    if end[i] <= 0:
                        continue
                    for c in range(6):
                        y[c * LANES + i] = start[o, c]
                    orbit[i], steps[i], t[i], h[i] = o, 0, 0.0, FIRST_STEP
                    halted[i], allowed[i] = until[o], tolerance[o]
                    if closely[o]:
                        allowed[i] = max(tolerance[o] / CLOSER, LEAST_TOLERANCE)
                running += orbit[i] >= 0
                if orbit[i] < 0:
                    # an idle lane goes on, without an end
                    steps[i], end[i], halted[i] = -(1 << 60), np.inf, 0.0
                    due[i], once[i], allowed[i] = np.inf, np.inf, 1.0
            if running == 0:
                return taken
            _accelerate(disk, sphere, plane, y, k, 0, cell, pull)
        _limit(h, t, end, full)
        _step(disk, sphere, plane, y, k, full, 1, END + 1, new, cell, pull)
        _finish(y, k, full, w, new)
        _error(k, full, allowed, w, f[0], error)
        dense, ended = _judge(t, full, end, error, due, once, halted, h, late, steps)
        taken += running
        if dense:
            _step(disk, sphere, plane, y, k, full, END + 1, EXTRA, w, cell, pull)
            _interpolate(y, new, k, full, f)
            for i in range(LANES):
                if not error[i] < 1.0:
                    continue
                while due[i] < late[i]:
                    x = (due[i] - t[i]) / full[i]
                    for c in range(6):
                        out[output[i], c] = _at(y, f, i, c, x)
                    output[i] += 1
                    due[i] = times[output[i]] if output[i] < first[orbit[i] + 1] else np.inf
                if once[i] < late[i]:
                    x = (once[i] - t[i]) / full[i]
                    for c in range(6):
                        beside[orbit[i], c] = _at(y, f, i, c, x)
                    once[i] = np.inf
                if t[i] < halted[i]:
                    here = min(1.0, (halted[i] - t[i]) / full[i])
                    _extremes(y, f, i, here, found[orbit[i]])
        _accept(late, new, error, t, y, k)
        if not ended:
            continue
        for i in range(LANES):
            o = orbit[i]
            if t[i] == end[i]:
                last = np.empty(6)
                for c in range(6):
                    last[c] = y[c * LANES + i]
                if due[i] == end[i]:
                    out[output[i]] = last
                if once[i] == end[i]:
                    beside[o] = last
                if halted[i] >= end[i]:
                    _ends(last, found[o])
                found[o, 0] = _drift(disk, sphere, plane, start[o], last)
            elif steps[i] > MAX_STEPS:
                out[first[o] : first[o + 1]] = np.nan
                beside[o] = np.nan
                found[o] = np.nan
            else:
                continue
            orbit[i] = -1
            if not (found[o, 0] < RETRACED or closely[o]):
                # the next of the lanes that are free takes it
                closely[o] = True
                following -= 1
                order[following] = o


def compiled():
    """Compile what is above, or load what was compiled: by one circular orbit about a point."""
    disk, plane = np.array([1.0, 0.0, 1e-12]), np.zeros((0, 0, 3, PLANE_TERMS, PLANE_TERMS))
    sphere = np.zeros((int(np.log2(SPHERE[1] / SPHERE[0])) << SPHERE[2], 2, SPHERE_TERMS))
    start, ends = np.array([[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]]), np.array([0, 1])
    out, beside, found = np.empty((1, 6)), np.empty((1, 6)), np.empty((1, len(QUANTITIES)))
    one, none = np.ones(1), np.zeros(1)
    trace(
        disk, sphere, plane, ends[:1], start, one, ends, -one, none, 1e-8 * one, out, beside, found
    )
    potential(disk, sphere, plane, one, none, np.empty(1))
    return out
