"""``torch.storage``: the memory that tensors look into, as a list of entries or of bytes."""

from .tensors.storage import UntypedStorage as UntypedStorage
from .tensors.typed_storage import TypedStorage as TypedStorage

__all__ = ["TypedStorage", "UntypedStorage"]
