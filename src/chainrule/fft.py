"""``torch.fft``: Fourier transforms by PyTorch's names."""

from __future__ import annotations

from .tensors.fourier import fft as fft
from .tensors.fourier import fft2 as fft2
from .tensors.fourier import fftfreq as fftfreq
from .tensors.fourier import fftn as fftn
from .tensors.fourier import fftshift as fftshift
from .tensors.fourier import hfft as hfft
from .tensors.fourier import hfft2 as hfft2
from .tensors.fourier import hfftn as hfftn
from .tensors.fourier import ifft as ifft
from .tensors.fourier import ifft2 as ifft2
from .tensors.fourier import ifftn as ifftn
from .tensors.fourier import ifftshift as ifftshift
from .tensors.fourier import ihfft as ihfft
from .tensors.fourier import ihfft2 as ihfft2
from .tensors.fourier import ihfftn as ihfftn
from .tensors.fourier import irfft as irfft
from .tensors.fourier import irfft2 as irfft2
from .tensors.fourier import irfftn as irfftn
from .tensors.fourier import rfft as rfft
from .tensors.fourier import rfft2 as rfft2
from .tensors.fourier import rfftfreq as rfftfreq
from .tensors.fourier import rfftn as rfftn
