"""ps4, the private half: hidden cases, references and misconceptions of the layers, one file per family."""

from __future__ import annotations

from autograder.exercises.declare import Exercise
from autograder.exercises.ps4.attention import ATTENTION
from autograder.exercises.ps4.convolution import CONV2D
from autograder.exercises.ps4.gates import GLU, RESIDUAL_RELU
from autograder.exercises.ps4.grouped import GROUP_NORM
from autograder.exercises.ps4.lstm import LSTM_CELL
from autograder.exercises.ps4.normalization import BATCH_NORM, LAYER_NORM
from autograder.exercises.ps4.pooling import AVG_POOL2D, MAX_POOL2D
from autograder.exercises.ps4.rms import RMS_NORM
from autograder.exercises.ps4.selection import DROPOUT, EMBEDDING

EXERCISES: tuple[Exercise, ...] = (
    DROPOUT,
    EMBEDDING,
    RESIDUAL_RELU,
    GLU,
    RMS_NORM,
    LAYER_NORM,
    BATCH_NORM,
    GROUP_NORM,
    ATTENTION,
    AVG_POOL2D,
    MAX_POOL2D,
    CONV2D,
    LSTM_CELL,
)
