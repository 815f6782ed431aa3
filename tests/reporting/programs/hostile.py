import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module('<img src=x onerror="hit=1">', nn.Linear(1, 2))
        self.add_module("</script><script>hit=2</script>", nn.Linear(2, 1))

    def forward(self, x):
        for part in self.children():
            x = part(x)
        return x


torch.manual_seed(0)
tensors = {"</script><img src=x onerror=hit=3>": torch.linspace(-1, 1, 8).reshape(-1, 1)}
model = Net()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    loss = (model(tensors["</script><img src=x onerror=hit=3>"]) ** 2).mean()
    loss.backward()
    opt.step()  # </script><svg onload=hit=4> and never zeroed
raise ValueError("</script><b onmouseover=hit=5>&amp; \u2028")
