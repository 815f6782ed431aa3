"""The scheduler steps, the optimizer does not."""
import torch
import warnings

warnings.simplefilter("ignore")
torch.manual_seed(9)
emb = torch.nn.Embedding(10, 4)
head = torch.nn.Linear(4, 10)
params = list(emb.parameters()) + list(head.parameters())
opt = torch.optim.Adagrad(params, lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=5)
words = torch.randint(0, 10, (40,))
for i in range(8):
    opt.zero_grad()
    logits = head(emb(words[:-1]))
    torch.nn.functional.cross_entropy(logits, words[1:]).backward()
    sched.step()
