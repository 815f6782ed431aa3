"""``torch.torch_version``: versions that compare as versions do."""

from .version import TorchVersion as TorchVersion
from .version import __version__ as __version__

__all__ = ["TorchVersion"]
